DROP TRIGGER ledger_entries_no_update;
CREATE TRIGGER ledger_entries_no_update BEFORE UPDATE ON ledger_entries
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
ALTER TABLE accounts DROP COLUMN show_last_seen;
ALTER TABLE accounts DROP COLUMN last_seen_at;
ALTER TABLE accounts DROP COLUMN deleted_at;
