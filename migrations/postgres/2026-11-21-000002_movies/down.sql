DROP TABLE watch_positions;
DROP TABLE jobs;
DROP TABLE uploads;
DROP TABLE movies_search;
DROP TABLE movie_tags;
DROP TABLE movies;
DROP TABLE blobs;
