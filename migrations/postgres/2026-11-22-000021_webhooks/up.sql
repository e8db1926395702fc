-- Who is told what happens in the house.
CREATE TABLE webhooks (
    id TEXT PRIMARY KEY NOT NULL,
    url TEXT NOT NULL,
    -- The key of the signatures. It has to sign, so it cannot be kept as a hash.
    secret TEXT NOT NULL,
    -- JSON: the names of the events.
    events TEXT NOT NULL,
    is_active BOOLEAN NOT NULL,
    -- When the first attempt failed after the last one that got through.
    failing_since TIMESTAMP,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX webhooks_active ON webhooks (id) WHERE is_active;

-- The outbox: one row for each event and webhook, written with the change that it tells of. A job sends it.
CREATE TABLE webhook_deliveries (
    id TEXT PRIMARY KEY NOT NULL,
    webhook_id TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    event TEXT NOT NULL,
    -- JSON, sent as it is here.
    body TEXT NOT NULL,
    -- Whom it tells of, so that it goes with the account.
    account_id TEXT,
    state TEXT NOT NULL CHECK (state IN ('queued', 'delivered', 'failed')),
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    last_status INTEGER,
    last_error TEXT,
    created_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP
);
CREATE INDEX webhook_deliveries_of ON webhook_deliveries (webhook_id, id);
CREATE INDEX webhook_deliveries_about ON webhook_deliveries (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX webhook_deliveries_finished ON webhook_deliveries (finished_at) WHERE finished_at IS NOT NULL;

-- What waits for somebody else's server keeps nothing else waiting: it has a lane of its own.
ALTER TABLE jobs DROP CONSTRAINT jobs_lane_check;
ALTER TABLE jobs ADD CONSTRAINT jobs_lane_check CHECK (lane IN ('quick', 'long', 'outside'));

-- Which films others were told of as published, and for which time of listing: nobody is told twice of the same one.
CREATE TABLE movies_told (
    movie_id TEXT PRIMARY KEY NOT NULL REFERENCES movies (id) ON DELETE CASCADE,
    listed_at TIMESTAMP NOT NULL
);
-- Films that are there already are no news; those that wait for their time are told when it comes.
INSERT INTO movies_told (movie_id, listed_at)
    SELECT id, listed_at FROM movies
    WHERE state = 'published' AND deleted_at IS NULL AND listed_at <= now() AT TIME ZONE 'utc';
INSERT INTO jobs (id, kind, subject_id, lane, priority, state, attempts, max_attempts, run_at, created_at, updated_at)
    SELECT id, 'announce', id, 'quick', 0, 'queued', 0, 6, listed_at, updated_at, updated_at FROM movies
    WHERE state = 'published' AND deleted_at IS NULL AND listed_at > now() AT TIME ZONE 'utc';
