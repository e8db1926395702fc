CREATE TABLE old_uploads (
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
INSERT INTO old_uploads (
    id, account_id, purpose, file_name, content_type, metadata, size, acknowledged, state, blake3,
    fingerprint, created_at, updated_at, expires_at)
SELECT
    id, account_id, purpose, file_name, content_type, metadata, size, acknowledged, state, blake3,
    fingerprint, created_at, updated_at, expires_at
FROM uploads WHERE kind = 'whole' AND size IS NOT NULL;
DROP TABLE uploads;
ALTER TABLE old_uploads RENAME TO uploads;
CREATE INDEX uploads_account ON uploads (account_id);
CREATE INDEX uploads_expiry ON uploads (state, expires_at);
