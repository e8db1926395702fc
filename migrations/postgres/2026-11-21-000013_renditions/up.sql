-- What is made of a film so that it plays everywhere.
ALTER TABLE movies ADD COLUMN failure TEXT;
-- Seconds that whoever has not bought it may see.
ALTER TABLE movies ADD COLUMN preview_seconds INTEGER NOT NULL DEFAULT 0;

-- One encoding of the pictures, or of the sound: a file in segments, and where these are in it.
CREATE TABLE renditions (
    id TEXT PRIMARY KEY,
    movie_id TEXT NOT NULL REFERENCES movies (id),
    name TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('video', 'audio')),
    -- The bits of the source in another container.
    is_remux BOOLEAN NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    -- Pictures in a thousand seconds.
    frame_rate INTEGER NOT NULL,
    codecs TEXT NOT NULL,
    -- Bits a second: of the segment that has most of them, and on average.
    peak_bandwidth BIGINT NOT NULL,
    bandwidth BIGINT NOT NULL,
    duration_ms BIGINT NOT NULL,
    segments TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    CONSTRAINT renditions_name UNIQUE (movie_id, name)
);

-- A file of a film: the media of a rendition, or a sheet of preview pictures. Each holds its bytes.
CREATE TABLE rendition_files (
    id TEXT PRIMARY KEY,
    movie_id TEXT NOT NULL REFERENCES movies (id),
    name TEXT NOT NULL,
    content_type TEXT NOT NULL,
    blob_id TEXT NOT NULL REFERENCES blobs (id),
    created_at TIMESTAMP NOT NULL,
    CONSTRAINT rendition_files_name UNIQUE (movie_id, name)
);
CREATE INDEX rendition_files_blob ON rendition_files (blob_id);

-- What else is known of a film.
CREATE TABLE film_notes (
    movie_id TEXT PRIMARY KEY REFERENCES movies (id),
    -- The names of the renditions that it is to have, as a JSON array.
    rungs TEXT NOT NULL,
    chapters TEXT NOT NULL,
    -- WebVTT that maps times to places on the sheets.
    sprites TEXT,
    -- Hundredths of LUFS.
    loudness INTEGER
);

CREATE TABLE subtitles (
    movie_id TEXT NOT NULL REFERENCES movies (id),
    language TEXT NOT NULL,
    label TEXT NOT NULL,
    origin TEXT NOT NULL CHECK (origin IN ('embedded', 'uploaded')),
    -- WebVTT, as this house wrote it.
    body TEXT NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    PRIMARY KEY (movie_id, language)
);
