CREATE TABLE wallets (
    account_id TEXT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    balance BIGINT NOT NULL CONSTRAINT wallets_balance CHECK (balance >= 0),
    entries BIGINT NOT NULL
);

-- Append-only: the triggers below refuse every change and deletion.
CREATE TABLE ledger_entries (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    seq BIGINT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount <> 0),
    balance_after BIGINT NOT NULL CHECK (balance_after >= 0),
    kind TEXT NOT NULL CHECK (kind IN ('credit', 'voucher', 'order', 'membership', 'adjustment')),
    note TEXT NOT NULL,
    order_id TEXT,
    actor_id TEXT,
    created_at TIMESTAMP NOT NULL,
    CONSTRAINT ledger_entries_seq UNIQUE (account_id, seq)
);
CREATE TRIGGER ledger_entries_no_update BEFORE UPDATE ON ledger_entries
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_entries_no_delete BEFORE DELETE ON ledger_entries
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

-- An order keeps what was true when it was made, so it outlives its film.
CREATE TABLE orders (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    movie_id TEXT NOT NULL,
    movie_title TEXT NOT NULL,
    regular_price BIGINT NOT NULL CHECK (regular_price >= 0),
    price BIGINT NOT NULL CHECK (price >= 0),
    as_vip BOOLEAN NOT NULL,
    created_at TIMESTAMP NOT NULL,
    CONSTRAINT orders_once UNIQUE (account_id, movie_id)
);

CREATE TABLE entitlements (
    account_id TEXT NOT NULL REFERENCES accounts (id),
    movie_id TEXT NOT NULL,
    order_id TEXT NOT NULL REFERENCES orders (id),
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (account_id, movie_id)
);

CREATE TABLE vouchers (
    id TEXT PRIMARY KEY,
    code_hash TEXT NOT NULL UNIQUE,
    amount BIGINT NOT NULL CHECK (amount > 0),
    created_by TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP,
    redeemed_by TEXT,
    redeemed_at TIMESTAMP
);

CREATE TABLE idempotency_keys (
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    operation TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (account_id, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);
