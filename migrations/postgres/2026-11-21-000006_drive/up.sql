-- How many rows (films, files, kept versions) have these bytes. The row goes with the last of them, and then the bytes.
ALTER TABLE blobs ADD COLUMN refs BIGINT NOT NULL DEFAULT 1 CHECK (refs > 0);

-- Files and folders. The root of a member's drive is a folder with the id of the account, made when it is first needed.
CREATE TABLE drive_entries (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- NULL for the root, and for what is out of the tree: on its way to be removed, or a copy that is not whole yet. An
    -- entry in the trash keeps the folder that it was in.
    parent_id TEXT REFERENCES drive_entries (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('file', 'folder')),
    -- NFC, as people see it.
    name TEXT NOT NULL,
    -- The name while it is taken: NULL in the trash and for the root, so that it may be given again.
    taken_name TEXT COLLATE "C",
    sort_name TEXT COLLATE "C" NOT NULL,
    blob_id TEXT REFERENCES blobs (id),
    size BIGINT NOT NULL CHECK (size >= 0),
    content_type TEXT NOT NULL,
    -- Grows with every change: the entity tag of the entry.
    revision BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    -- When the content changed, as far as the member's own computer knows.
    modified_at TIMESTAMP NOT NULL,
    -- Set on what was thrown away itself, not on what lies below it.
    trashed_at TIMESTAMP,
    CONSTRAINT drive_entries_name UNIQUE (parent_id, taken_name),
    CHECK ((kind = 'file') = (blob_id IS NOT NULL)),
    CHECK (kind = 'file' OR size = 0)
);
CREATE INDEX drive_entries_by_name ON drive_entries (parent_id, trashed_at, kind, sort_name, id);
CREATE INDEX drive_entries_by_time ON drive_entries (parent_id, trashed_at, modified_at, id);
CREATE INDEX drive_entries_by_size ON drive_entries (parent_id, trashed_at, size, id);
CREATE INDEX drive_entries_trash ON drive_entries (account_id, trashed_at, id);
CREATE INDEX drive_entries_blob ON drive_entries (blob_id);

-- What a file was before it was replaced; the newest few are kept.
CREATE TABLE drive_versions (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    entry_id TEXT NOT NULL REFERENCES drive_entries (id) ON DELETE CASCADE,
    blob_id TEXT NOT NULL REFERENCES blobs (id),
    size BIGINT NOT NULL CHECK (size >= 0),
    content_type TEXT NOT NULL,
    modified_at TIMESTAMP NOT NULL,
    replaced_at TIMESTAMP NOT NULL
);
CREATE INDEX drive_versions_entry ON drive_versions (entry_id, replaced_at, id);
CREATE INDEX drive_versions_blob ON drive_versions (blob_id);

-- What an account has on its drive (files, kept versions and trash, each at its full size), and what its open
-- uploads may still add.
CREATE TABLE drive_usage (
    account_id TEXT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    used BIGINT NOT NULL CHECK (used >= 0),
    reserved BIGINT NOT NULL CHECK (reserved >= 0)
);

CREATE TABLE drive_shares (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    entry_id TEXT NOT NULL REFERENCES drive_entries (id) ON DELETE CASCADE,
    password_hash TEXT,
    expires_at TIMESTAMP,
    max_uses BIGINT CHECK (max_uses > 0),
    uses BIGINT NOT NULL CHECK (uses >= 0 AND (max_uses IS NULL OR uses <= max_uses)),
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX drive_shares_account ON drive_shares (account_id, id);
CREATE INDEX drive_shares_entry ON drive_shares (entry_id);

-- Locks of WebDAV class 2. `path` is that of the locked resource below the owner's root, which need not exist yet.
CREATE TABLE dav_locks (
    token TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    path TEXT COLLATE "C" NOT NULL,
    principal TEXT,
    owner TEXT,
    is_deep BOOLEAN NOT NULL,
    is_shared BOOLEAN NOT NULL,
    timeout_seconds BIGINT,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX dav_locks_path ON dav_locks (account_id, path);
CREATE INDEX dav_locks_expiry ON dav_locks (expires_at);

-- Properties that WebDAV clients keep with an entry.
CREATE TABLE dav_properties (
    entry_id TEXT NOT NULL REFERENCES drive_entries (id) ON DELETE CASCADE,
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    -- The element, as XML.
    value TEXT NOT NULL,
    PRIMARY KEY (entry_id, namespace, name)
);
