CREATE OR REPLACE FUNCTION refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$;
ALTER TABLE accounts DROP COLUMN show_last_seen;
ALTER TABLE accounts DROP COLUMN last_seen_at;
ALTER TABLE accounts DROP COLUMN deleted_at;
