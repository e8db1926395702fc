-- Somebody asks somebody to be friends. An ignored request still looks pending to who made it.
CREATE TABLE friend_requests (
    from_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    to_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    state TEXT NOT NULL CHECK (state IN ('pending', 'ignored')),
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (from_id, to_id),
    CHECK (from_id <> to_id)
);
CREATE INDEX friend_requests_to ON friend_requests (to_id, state, created_at);

-- Two rows for each friendship, one for each side.
CREATE TABLE friends (
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    friend_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    since TIMESTAMP NOT NULL,
    PRIMARY KEY (account_id, friend_id),
    CHECK (account_id <> friend_id)
);

CREATE TABLE blocks (
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    blocked_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (account_id, blocked_id),
    CHECK (account_id <> blocked_id)
);
CREATE INDEX blocks_blocked ON blocks (blocked_id);

CREATE TABLE rooms (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('group', 'private')),
    -- Empty for a private room, which bears the name of the other one.
    name TEXT NOT NULL,
    -- What must be unique: the folded name of a group, the two accounts of a private room.
    name_key TEXT CONSTRAINT rooms_name_key UNIQUE,
    pair_key TEXT CONSTRAINT rooms_pair_key UNIQUE,
    -- Another one means another log: nothing that was seen of the old one counts.
    epoch TEXT NOT NULL,
    -- Events have the numbers from first_seq to last_seq, all of them.
    first_seq BIGINT NOT NULL CHECK (first_seq >= 1),
    last_seq BIGINT NOT NULL CHECK (last_seq >= 0),
    members_count BIGINT NOT NULL CHECK (members_count >= 0),
    slow_mode_seconds BIGINT NOT NULL CHECK (slow_mode_seconds >= 0),
    retention_days BIGINT CHECK (retention_days > 0),
    created_at TIMESTAMP NOT NULL,
    last_event_at TIMESTAMP NOT NULL,
    CHECK (first_seq <= last_seq + 1),
    CHECK ((kind = 'group') = (name_key IS NOT NULL)),
    CHECK ((kind = 'private') = (pair_key IS NOT NULL))
);

CREATE TABLE room_members (
    room_id TEXT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    role TEXT NOT NULL CHECK (role IN ('owner', 'moderator', 'member')),
    -- Everything up to this number has been read; never falls.
    read_seq BIGINT NOT NULL CHECK (read_seq >= 0),
    joined_at TIMESTAMP NOT NULL,
    muted_until TIMESTAMP,
    last_sent_at TIMESTAMP,
    PRIMARY KEY (room_id, account_id)
);
CREATE INDEX room_members_account ON room_members (account_id, room_id);

CREATE TABLE room_bans (
    room_id TEXT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    by_id TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (room_id, account_id)
);

-- The log of a room. Rows are added at the end, blanked when their message is deleted, and dropped at the beginning
-- when the room does not keep them; nothing else.
CREATE TABLE room_events (
    room_id TEXT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    seq BIGINT NOT NULL CHECK (seq >= 1),
    kind TEXT NOT NULL CHECK (kind IN (
        'message', 'edit', 'delete', 'reaction', 'join', 'leave', 'rename', 'kick', 'role', 'mute', 'settings'
    )),
    message_id TEXT,
    -- Whom it is about, and who did it when that was somebody else.
    account_id TEXT,
    by_id TEXT,
    body TEXT,
    -- JSON: what only some kinds have.
    detail TEXT,
    at TIMESTAMP NOT NULL,
    PRIMARY KEY (room_id, seq)
);
CREATE INDEX room_events_message ON room_events (message_id);

-- Messages as they stand after all events.
CREATE TABLE messages (
    id TEXT PRIMARY KEY,
    room_id TEXT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    seq BIGINT NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    client_msg_id TEXT NOT NULL,
    body TEXT,
    reply_to TEXT,
    created_at TIMESTAMP NOT NULL,
    edited_at TIMESTAMP,
    deleted_at TIMESTAMP,
    CONSTRAINT messages_client_msg_id UNIQUE (account_id, client_msg_id),
    CONSTRAINT messages_place UNIQUE (room_id, seq)
);

CREATE TABLE reactions (
    message_id TEXT NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    emoji TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (message_id, account_id, emoji)
);

CREATE TABLE mentions (
    message_id TEXT NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    room_id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (message_id, account_id)
);
CREATE INDEX mentions_unread ON mentions (account_id, room_id, seq);

-- The search: one row for the present text of each message, at the event that said it. Within a room the numbers grow
-- with seq.
CREATE TABLE message_texts (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id TEXT NOT NULL REFERENCES messages (id) ON DELETE CASCADE CONSTRAINT message_texts_message UNIQUE,
    room_id TEXT NOT NULL,
    seq BIGINT NOT NULL
);
CREATE INDEX message_texts_place ON message_texts (room_id, seq);
-- Words are cut by the house, so that both databases find the same; see the search of films.
CREATE VIRTUAL TABLE message_words USING fts5 (
    words, content = '', contentless_delete = 1, detail = none, prefix = '1 2 3 4', tokenize = 'ascii'
);
CREATE TRIGGER message_texts_gone AFTER DELETE ON message_texts BEGIN
    DELETE FROM message_words WHERE rowid = old.number;
END;
