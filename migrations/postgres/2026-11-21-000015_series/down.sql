DROP TABLE series_films;
DROP TABLE series;
