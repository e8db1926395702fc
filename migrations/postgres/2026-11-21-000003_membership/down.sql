DROP TABLE idempotency_keys;
DROP TABLE vouchers;
DROP TABLE entitlements;
DROP TABLE orders;
DROP TABLE ledger_entries;
DROP TABLE wallets;
DROP FUNCTION refuse_ledger_change();
