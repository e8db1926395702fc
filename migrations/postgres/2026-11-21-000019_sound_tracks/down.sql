ALTER TABLE renditions DROP COLUMN label;
ALTER TABLE renditions DROP COLUMN language;
