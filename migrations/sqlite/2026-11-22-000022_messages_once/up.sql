-- A message is one row. What it said stands there, and not in the log and in a table of the search as well: of 200 that are
-- kept together each wrote a third of the pages three times. Its event is read from its row until it is edited; then the
-- log gets what it said before.
CREATE TABLE messages_next (
    -- What the words of the message are kept under. Within a room the numbers of texts grow with the events that said them.
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL CONSTRAINT messages_id UNIQUE,
    room_id TEXT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    seq BIGINT NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    client_msg_id TEXT NOT NULL,
    body TEXT,
    reply_to TEXT,
    -- JSON: whom it named when it was said.
    named TEXT,
    created_at TIMESTAMP NOT NULL,
    edited_at TIMESTAMP,
    deleted_at TIMESTAMP,
    -- The event that said the present text, when that is another one.
    said_seq BIGINT,
    -- Ids that clients count upwards are beside each other, whoever sends them: few pages for many senders.
    CONSTRAINT messages_client_msg_id UNIQUE (client_msg_id, account_id),
    CONSTRAINT messages_place UNIQUE (room_id, seq)
);
-- What was deleted has no words and no number of the search; it gets one above all of these.
INSERT INTO messages_next (number, id, room_id, seq, account_id, client_msg_id, body, reply_to, named, created_at, edited_at,
        deleted_at, said_seq)
    SELECT coalesce(t.number, (SELECT coalesce(max(number), 0) FROM message_texts) + m.rowid), m.id, m.room_id, m.seq, m.account_id, m.client_msg_id, m.body, m.reply_to,
        json_extract(e.detail, '$.mentions'), m.created_at, m.edited_at, m.deleted_at, nullif(t.seq, m.seq)
    FROM messages m
    LEFT JOIN message_texts t ON t.message_id = m.id
    LEFT JOIN room_events e ON e.room_id = m.room_id AND e.seq = m.seq
    ORDER BY 1;

-- Where somebody has said something: no index of messages begins with who sent them any more.
CREATE TABLE room_authors (
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    room_id TEXT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    PRIMARY KEY (account_id, room_id)
) WITHOUT ROWID;
CREATE INDEX room_authors_room ON room_authors (room_id);
INSERT INTO room_authors (account_id, room_id) SELECT DISTINCT account_id, room_id FROM messages;

CREATE TABLE reactions_next (
    message_id TEXT NOT NULL REFERENCES messages_next (id) ON DELETE CASCADE,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    emoji TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (message_id, account_id, emoji)
);
INSERT INTO reactions_next (message_id, account_id, emoji, created_at)
    SELECT message_id, account_id, emoji, created_at FROM reactions;
CREATE TABLE mentions_next (
    message_id TEXT NOT NULL REFERENCES messages_next (id) ON DELETE CASCADE,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    room_id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (message_id, account_id)
);
INSERT INTO mentions_next (message_id, account_id, room_id, seq)
    SELECT message_id, account_id, room_id, seq FROM mentions;

-- All that points to messages goes first, so that nothing is removed with them.
DROP TABLE message_texts;
DROP TABLE mentions;
DROP TABLE reactions;
DROP TABLE messages;
ALTER TABLE messages_next RENAME TO messages;
ALTER TABLE reactions_next RENAME TO reactions;
ALTER TABLE mentions_next RENAME TO mentions;
CREATE INDEX mentions_unread ON mentions (account_id, room_id, seq);
CREATE TRIGGER message_words_gone AFTER DELETE ON messages WHEN old.body IS NOT NULL BEGIN
    DELETE FROM message_words WHERE rowid = old.number;
END;

-- Each commit adds a small piece to the index of words; twice as many are put together at a time, half as often.
INSERT INTO message_words (message_words, rank) VALUES ('automerge', 8);

DELETE FROM room_events WHERE kind = 'message'
    AND message_id IN (SELECT id FROM messages WHERE edited_at IS NULL);
