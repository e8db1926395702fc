-- The targets of drive uploads, lengths that come later, and files that are joined of parts.
CREATE TABLE new_uploads (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    purpose TEXT NOT NULL CHECK (purpose IN ('movie', 'drive')),
    -- whole: a file that arrives in pieces. partial: a part of one. final: what parts are joined to. direct: the body
    -- of one request, which nobody can go on with.
    kind TEXT NOT NULL CHECK (kind IN ('whole', 'partial', 'final', 'direct')),
    file_name TEXT NOT NULL,
    content_type TEXT NOT NULL,
    metadata TEXT NOT NULL,
    -- NULL until the client has said it.
    size BIGINT CHECK (size >= 0),
    -- Every byte below it is durable; never falls.
    acknowledged BIGINT NOT NULL CHECK (acknowledged >= 0 AND (size IS NULL OR acknowledged <= size)),
    state TEXT NOT NULL CHECK (state IN ('receiving', 'complete', 'used')),
    blake3 TEXT,
    fingerprint TEXT,
    -- Drive: where the file shall be.
    target_path TEXT,
    on_conflict TEXT CHECK (on_conflict IN ('fail', 'replace', 'rename')),
    modified_at TIMESTAMP,
    -- Bytes of the owner's quota that this row holds. drive_usage.reserved is their sum.
    reserved BIGINT NOT NULL CHECK (reserved >= 0),
    -- The entry of the drive that it became.
    entry_id TEXT,
    -- Of a final upload: Upload-Concat as it was sent.
    concat TEXT,
    -- The staging file, when it is not this row's own: parts that are written straight into place share one.
    file_id TEXT,
    -- Of such a part: what its client calls the file, and where in it the part begins.
    part_of TEXT,
    part_offset BIGINT CHECK (part_offset >= 0),
    -- The final upload that has this part, and the place in its order.
    final_id TEXT,
    part_number INTEGER,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    CHECK ((part_of IS NULL) = (part_offset IS NULL)),
    CHECK ((final_id IS NULL) = (part_number IS NULL))
);
INSERT INTO new_uploads (
    kind, reserved, id, account_id, purpose, file_name, content_type, metadata, size, acknowledged, state, blake3,
    fingerprint, created_at, updated_at, expires_at)
SELECT
    'whole', 0, id, account_id, purpose, file_name, content_type, metadata, size, acknowledged, state, blake3,
    fingerprint, created_at, updated_at, expires_at
FROM uploads;
DROP TABLE uploads;
ALTER TABLE new_uploads RENAME TO uploads;
CREATE INDEX uploads_account ON uploads (account_id);
CREATE INDEX uploads_expiry ON uploads (state, expires_at);
CREATE INDEX uploads_final ON uploads (final_id, part_number);
CREATE INDEX uploads_file ON uploads (file_id);
CREATE INDEX uploads_part_of ON uploads (account_id, part_of);
