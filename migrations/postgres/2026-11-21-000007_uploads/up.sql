-- The targets of drive uploads, lengths that come later, and files that are joined of parts.
ALTER TABLE uploads
    -- whole: a file that arrives in pieces. partial: a part of one. final: what parts are joined to. direct: the body
    -- of one request, which nobody can go on with.
    ADD COLUMN kind TEXT NOT NULL DEFAULT 'whole' CHECK (kind IN ('whole', 'partial', 'final', 'direct')),
    -- Drive: where the file shall be.
    ADD COLUMN target_path TEXT,
    ADD COLUMN on_conflict TEXT CHECK (on_conflict IN ('fail', 'replace', 'rename')),
    ADD COLUMN modified_at TIMESTAMP,
    -- Bytes of the owner's quota that this row holds. drive_usage.reserved is their sum.
    ADD COLUMN reserved BIGINT NOT NULL DEFAULT 0 CHECK (reserved >= 0),
    -- The entry of the drive that it became.
    ADD COLUMN entry_id TEXT,
    -- Of a final upload: Upload-Concat as it was sent.
    ADD COLUMN concat TEXT,
    -- The staging file, when it is not this row's own: parts that are written straight into place share one.
    ADD COLUMN file_id TEXT,
    -- Of such a part: what its client calls the file, and where in it the part begins.
    ADD COLUMN part_of TEXT,
    ADD COLUMN part_offset BIGINT CHECK (part_offset >= 0),
    -- The final upload that has this part, and the place in its order.
    ADD COLUMN final_id TEXT,
    ADD COLUMN part_number INTEGER,
    -- NULL until the client has said it.
    ALTER COLUMN size DROP NOT NULL,
    ADD CHECK ((part_of IS NULL) = (part_offset IS NULL)),
    ADD CHECK ((final_id IS NULL) = (part_number IS NULL));
ALTER TABLE uploads
    ALTER COLUMN kind DROP DEFAULT,
    ALTER COLUMN reserved DROP DEFAULT;
CREATE INDEX uploads_final ON uploads (final_id, part_number);
CREATE INDEX uploads_file ON uploads (file_id);
CREATE INDEX uploads_part_of ON uploads (account_id, part_of);
