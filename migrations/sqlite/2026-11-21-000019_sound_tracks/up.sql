-- What is spoken in a rendition of sound (BCP 47), and what the track is called; empty when the film does not say.
ALTER TABLE renditions ADD COLUMN language TEXT;
ALTER TABLE renditions ADD COLUMN label TEXT NOT NULL DEFAULT '';
