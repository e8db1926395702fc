-- Jobs that take long: lanes, an order of importance, a tree, progress, and the end of what their tool said.
-- SQLite cannot change a CHECK, so the table is written anew.
CREATE TABLE jobs_next (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    subject_id TEXT,
    -- What else the worker must know, in the words of the kind.
    payload TEXT NOT NULL DEFAULT '',
    -- Long work does not keep quick work waiting: each lane has workers of its own.
    lane TEXT NOT NULL DEFAULT 'quick' CHECK (lane IN ('quick', 'long')),
    -- The highest first.
    priority INTEGER NOT NULL DEFAULT 0,
    -- The job that asked for this one; it may be gone already.
    parent_id TEXT,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    attempts INTEGER NOT NULL,
    max_attempts INTEGER NOT NULL,
    progress INTEGER NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 100),
    run_at TIMESTAMP NOT NULL,
    lease_owner TEXT,
    lease_until TIMESTAMP,
    heartbeat_at TIMESTAMP,
    last_error TEXT,
    log_tail TEXT NOT NULL DEFAULT '',
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
INSERT INTO jobs_next (id, kind, subject_id, state, attempts, max_attempts, progress, run_at, lease_owner, lease_until,
        last_error, created_at, updated_at)
    SELECT id, kind, subject_id, state, attempts, max_attempts, CASE state WHEN 'done' THEN 100 ELSE 0 END, run_at,
        lease_owner, lease_until, last_error, created_at, updated_at FROM jobs;
DROP TABLE jobs;
ALTER TABLE jobs_next RENAME TO jobs;
CREATE INDEX jobs_due ON jobs (lane, state, priority DESC, run_at);
CREATE INDEX jobs_leases ON jobs (state, lease_until);
CREATE INDEX jobs_subject ON jobs (subject_id);
CREATE INDEX jobs_parent ON jobs (parent_id);
