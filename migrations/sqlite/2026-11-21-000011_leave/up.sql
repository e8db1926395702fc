-- An account that was deleted stays as a row without a person: orders and the ledger point to it.
ALTER TABLE accounts ADD COLUMN deleted_at TIMESTAMP;
-- When the last live connection of the account was there; never set while its owner does not show it.
ALTER TABLE accounts ADD COLUMN last_seen_at TIMESTAMP;
ALTER TABLE accounts ADD COLUMN show_last_seen BOOLEAN NOT NULL DEFAULT TRUE;

-- The ledger stays append-only, but for the words that an admin wrote about somebody who has left.
DROP TRIGGER ledger_entries_no_update;
CREATE TRIGGER ledger_entries_no_update BEFORE UPDATE ON ledger_entries
WHEN NOT (
    NEW.note = '' AND NEW.id = OLD.id AND NEW.account_id = OLD.account_id AND NEW.seq = OLD.seq
    AND NEW.amount = OLD.amount AND NEW.balance_after = OLD.balance_after AND NEW.kind = OLD.kind
    AND NEW.order_id IS OLD.order_id AND NEW.actor_id IS OLD.actor_id AND NEW.created_at = OLD.created_at
    AND (SELECT deleted_at FROM accounts WHERE id = OLD.account_id) IS NOT NULL
)
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
