DROP TABLE posters;
