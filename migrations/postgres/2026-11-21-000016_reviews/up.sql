-- What a member thinks of a film, in stars.
CREATE TABLE ratings (
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    movie_id TEXT NOT NULL REFERENCES movies (id) ON DELETE CASCADE,
    stars INTEGER NOT NULL CHECK (stars BETWEEN 1 AND 5),
    updated_at TIMESTAMP NOT NULL,
    PRIMARY KEY (account_id, movie_id)
);
CREATE INDEX ratings_of_film ON ratings (movie_id);

-- What the ratings of a film come to, changed together with them.
CREATE TABLE rating_sums (
    movie_id TEXT PRIMARY KEY NOT NULL REFERENCES movies (id) ON DELETE CASCADE,
    stars BIGINT NOT NULL CHECK (stars >= 0),
    votes BIGINT NOT NULL CHECK (votes >= 0)
);

CREATE TABLE comments (
    id TEXT PRIMARY KEY NOT NULL,
    movie_id TEXT NOT NULL REFERENCES movies (id) ON DELETE CASCADE,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    body TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    edited_at TIMESTAMP,
    is_hidden BOOLEAN NOT NULL,
    -- How many rows of comment_reports it has.
    reports BIGINT NOT NULL CHECK (reports >= 0)
);
CREATE INDEX comments_of_film ON comments (movie_id, id);
CREATE INDEX comments_of_account ON comments (account_id, id);
CREATE INDEX comments_hidden ON comments (id) WHERE is_hidden;
CREATE INDEX comments_reported ON comments (id) WHERE reports > 0 AND NOT is_hidden;

-- Who asks the house to look at a comment.
CREATE TABLE comment_reports (
    comment_id TEXT NOT NULL REFERENCES comments (id) ON DELETE CASCADE,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    reason TEXT,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (comment_id, account_id)
);
CREATE INDEX comment_reports_by_account ON comment_reports (account_id);
