-- A ticket and its record: the record outlives the film and keeps its title.
CREATE TABLE download_tickets (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    movie_id TEXT NOT NULL,
    movie_title TEXT NOT NULL,
    file_name TEXT NOT NULL,
    size BIGINT NOT NULL,
    price_paid BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'paused', 'completed', 'aborted')),
    bytes_sent BIGINT NOT NULL,
    -- The byte ranges delivered at least once, as "0-99,200-299".
    delivered TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    available_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX download_tickets_account ON download_tickets (account_id, created_at, id);
CREATE INDEX download_tickets_created ON download_tickets (created_at, id);
