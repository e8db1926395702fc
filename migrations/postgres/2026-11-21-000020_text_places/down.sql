COMMENT ON INDEX message_texts_place IS NULL;
