INSERT INTO room_events (room_id, seq, kind, message_id, account_id, by_id, body, detail, at)
    SELECT room_id, seq, 'message', id, account_id, NULL, body,
        CASE WHEN deleted_at IS NULL THEN json_strip_nulls(json_build_object('client_msg_id', client_msg_id,
            'reply_to', reply_to, 'mentions', named::json))::text END,
        created_at
    FROM messages WHERE edited_at IS NULL;
DROP TABLE room_authors;
ALTER TABLE messages DROP COLUMN named;
