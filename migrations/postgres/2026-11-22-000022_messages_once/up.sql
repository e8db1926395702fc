-- What a message said stands in its own row, and not in the log as well. Its event is read from there until it is edited; then
-- the log gets what it said before.
ALTER TABLE messages ADD COLUMN named TEXT;
COMMENT ON COLUMN messages.named IS 'JSON: whom it named when it was said';
UPDATE messages m SET named = e.detail::json ->> 'mentions'
    FROM room_events e
    WHERE e.room_id = m.room_id AND e.seq = m.seq AND e.detail::json ->> 'mentions' IS NOT NULL;
DELETE FROM room_events e USING messages m
    WHERE m.room_id = e.room_id AND m.seq = e.seq AND e.kind = 'message' AND m.edited_at IS NULL;

-- Where somebody has said something.
CREATE TABLE room_authors (
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    room_id TEXT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    PRIMARY KEY (account_id, room_id)
);
CREATE INDEX room_authors_room ON room_authors (room_id);
INSERT INTO room_authors (account_id, room_id) SELECT DISTINCT account_id, room_id FROM messages;
