INSERT INTO room_events (room_id, seq, kind, message_id, account_id, by_id, body, detail, at)
    SELECT room_id, seq, 'message', id, account_id, NULL, body,
        CASE WHEN deleted_at IS NULL THEN json_patch('{}', json_object('client_msg_id', client_msg_id, 'reply_to', reply_to,
            'mentions', json(named))) END,
        created_at
    FROM messages WHERE edited_at IS NULL;
INSERT INTO message_words (message_words, rank) VALUES ('automerge', 4);
DROP TRIGGER message_words_gone;
CREATE TABLE messages_before (
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
INSERT INTO messages_before (id, room_id, seq, account_id, client_msg_id, body, reply_to, created_at, edited_at, deleted_at)
    SELECT id, room_id, seq, account_id, client_msg_id, body, reply_to, created_at, edited_at, deleted_at FROM messages
    ORDER BY number;
CREATE TABLE message_texts (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id TEXT NOT NULL REFERENCES messages_before (id) ON DELETE CASCADE CONSTRAINT message_texts_message UNIQUE,
    room_id TEXT NOT NULL,
    seq BIGINT NOT NULL
);
INSERT INTO message_texts (number, message_id, room_id, seq)
    SELECT number, id, room_id, coalesce(said_seq, seq) FROM messages WHERE body IS NOT NULL;
CREATE TABLE reactions_before (
    message_id TEXT NOT NULL REFERENCES messages_before (id) ON DELETE CASCADE,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    emoji TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (message_id, account_id, emoji)
);
INSERT INTO reactions_before (message_id, account_id, emoji, created_at)
    SELECT message_id, account_id, emoji, created_at FROM reactions;
CREATE TABLE mentions_before (
    message_id TEXT NOT NULL REFERENCES messages_before (id) ON DELETE CASCADE,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    room_id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (message_id, account_id)
);
INSERT INTO mentions_before (message_id, account_id, room_id, seq)
    SELECT message_id, account_id, room_id, seq FROM mentions;
DROP TABLE room_authors;
DROP TABLE mentions;
DROP TABLE reactions;
DROP TABLE messages;
ALTER TABLE messages_before RENAME TO messages;
ALTER TABLE reactions_before RENAME TO reactions;
ALTER TABLE mentions_before RENAME TO mentions;
CREATE INDEX mentions_unread ON mentions (account_id, room_id, seq);
CREATE TRIGGER message_texts_gone AFTER DELETE ON message_texts BEGIN
    DELETE FROM message_words WHERE rowid = old.number;
END;
