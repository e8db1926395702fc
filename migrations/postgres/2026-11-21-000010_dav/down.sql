ALTER TABLE uploads DROP COLUMN if_match;
