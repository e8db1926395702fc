-- Of an upload that shall replace one state of a file only: `If-Match` as its client sent it.
ALTER TABLE uploads ADD COLUMN if_match TEXT;
