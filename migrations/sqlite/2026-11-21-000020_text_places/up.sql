-- The place of a text is found through its message: the walk of the search needs only bounds. An index less, and so many
-- pages less to write with every commit of messages from many rooms.
DROP INDEX message_texts_place;
