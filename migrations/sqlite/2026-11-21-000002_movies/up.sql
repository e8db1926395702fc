-- The bytes of a film. Content-addressed: the same bytes are kept once.
CREATE TABLE blobs (
    id TEXT PRIMARY KEY,
    blake3 TEXT NOT NULL CONSTRAINT blobs_blake3 UNIQUE,
    size BIGINT NOT NULL CHECK (size >= 0),
    sha256 TEXT,
    md5 TEXT,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE movies (
    id TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    sort_title TEXT NOT NULL,
    description TEXT NOT NULL,
    category TEXT NOT NULL,
    tags TEXT NOT NULL,
    price BIGINT NOT NULL CHECK (price >= 0),
    state TEXT NOT NULL CHECK (state IN ('processing', 'published', 'failed')),
    publish_at TIMESTAMP,
    -- When it appears in the catalogue: publish_at, or else created_at.
    listed_at TIMESTAMP NOT NULL,
    -- listed_at in microseconds since 1970, made unique: the order of newness in one number.
    place BIGINT NOT NULL CONSTRAINT movies_place UNIQUE,
    duration_ms BIGINT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    video_codec TEXT NOT NULL,
    audio_codec TEXT,
    content_type TEXT NOT NULL,
    file_name TEXT NOT NULL,
    blob_id TEXT NOT NULL CONSTRAINT movies_blob UNIQUE REFERENCES blobs (id),
    fingerprint TEXT NOT NULL,
    poster_key TEXT,
    popularity BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    deleted_at TIMESTAMP,
    is_listed BOOLEAN NOT NULL GENERATED ALWAYS AS (state = 'published' AND deleted_at IS NULL) STORED,
    is_paid BOOLEAN NOT NULL GENERATED ALWAYS AS (price > 0) STORED
);
CREATE INDEX movies_newest ON movies (is_listed, place);
CREATE INDEX movies_newest_by_price ON movies (is_listed, is_paid, place);
CREATE INDEX movies_by_title ON movies (is_listed, sort_title, id);
CREATE INDEX movies_by_popularity ON movies (is_listed, popularity, id);
CREATE INDEX movies_by_category ON movies (is_listed, category, place);
CREATE INDEX movies_fingerprint ON movies (fingerprint);
CREATE UNIQUE INDEX movies_poster ON movies (poster_key);
CREATE INDEX movies_deleted ON movies (deleted_at);

CREATE TABLE movie_tags (
    movie_id TEXT NOT NULL REFERENCES movies (id) ON DELETE CASCADE,
    tag TEXT NOT NULL,
    PRIMARY KEY (movie_id, tag)
);
CREATE INDEX movie_tags_tag ON movie_tags (tag, movie_id);

-- The text is cut into words by the server, the same way for both databases; the row number is the film's place, so
-- that a search streams the newest first. The ascii tokenizer leaves every byte above 127 as it is. The beginnings of
-- words are indexed too, because the hits of other beginnings have to be merged before the first one is known.
CREATE VIRTUAL TABLE movies_search USING fts5 (
    words, content = '', contentless_delete = 1, detail = none, prefix = '1 2 3 4 5 6', tokenize = 'ascii'
);

CREATE TABLE uploads (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    purpose TEXT NOT NULL CHECK (purpose IN ('movie', 'drive')),
    file_name TEXT NOT NULL,
    content_type TEXT NOT NULL,
    metadata TEXT NOT NULL,
    size BIGINT NOT NULL CHECK (size >= 0),
    -- Every byte below it is durable; never falls.
    acknowledged BIGINT NOT NULL CHECK (acknowledged >= 0 AND acknowledged <= size),
    state TEXT NOT NULL CHECK (state IN ('receiving', 'complete', 'used')),
    blake3 TEXT,
    fingerprint TEXT,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX uploads_account ON uploads (account_id);
CREATE INDEX uploads_expiry ON uploads (state, expires_at);

CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    subject_id TEXT,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed')),
    attempts INTEGER NOT NULL,
    max_attempts INTEGER NOT NULL,
    run_at TIMESTAMP NOT NULL,
    lease_owner TEXT,
    lease_until TIMESTAMP,
    last_error TEXT,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX jobs_due ON jobs (state, run_at);
CREATE INDEX jobs_subject ON jobs (subject_id);

CREATE TABLE watch_positions (
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    movie_id TEXT NOT NULL REFERENCES movies (id) ON DELETE CASCADE,
    position_ms BIGINT NOT NULL CHECK (position_ms >= 0),
    updated_at TIMESTAMP NOT NULL,
    PRIMARY KEY (account_id, movie_id)
);
