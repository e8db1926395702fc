CREATE INDEX message_texts_place ON message_texts (room_id, seq);
