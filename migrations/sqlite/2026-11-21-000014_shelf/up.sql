-- Films that somebody wants to see later.
CREATE TABLE watchlist (
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    movie_id TEXT NOT NULL REFERENCES movies (id) ON DELETE CASCADE,
    added_at TIMESTAMP NOT NULL,
    PRIMARY KEY (account_id, movie_id)
);
CREATE INDEX watchlist_latest ON watchlist (account_id, added_at, movie_id);
CREATE INDEX watch_positions_latest ON watch_positions (account_id, updated_at, movie_id);
