DROP TABLE subtitles;
DROP TABLE film_notes;
DROP TABLE rendition_files;
DROP TABLE renditions;
ALTER TABLE movies DROP COLUMN preview_seconds;
ALTER TABLE movies DROP COLUMN failure;
