-- A search reads the names of one drive in their order, and stops when its page is full.
CREATE INDEX drive_entries_search ON drive_entries (account_id, trashed_at, kind, sort_name, id);
