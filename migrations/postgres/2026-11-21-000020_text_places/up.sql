-- SQLite drops this index; here it stays.
COMMENT ON INDEX message_texts_place IS 'the hits of a search in the order of a page';
