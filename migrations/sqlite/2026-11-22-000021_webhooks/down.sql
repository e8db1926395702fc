DELETE FROM jobs WHERE kind = 'announce';
DROP TABLE movies_told;
DELETE FROM jobs WHERE lane = 'outside';
CREATE TABLE jobs_before (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    subject_id TEXT,
    payload TEXT NOT NULL DEFAULT '',
    lane TEXT NOT NULL DEFAULT 'quick' CHECK (lane IN ('quick', 'long')),
    priority INTEGER NOT NULL DEFAULT 0,
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
INSERT INTO jobs_before (id, kind, subject_id, payload, lane, priority, parent_id, state, attempts, max_attempts, progress, run_at,
        lease_owner, lease_until, heartbeat_at, last_error, log_tail, created_at, updated_at)
    SELECT id, kind, subject_id, payload, lane, priority, parent_id, state, attempts, max_attempts, progress, run_at,
        lease_owner, lease_until, heartbeat_at, last_error, log_tail, created_at, updated_at FROM jobs;
DROP TABLE jobs;
ALTER TABLE jobs_before RENAME TO jobs;
CREATE INDEX jobs_due ON jobs (lane, state, priority DESC, run_at);
CREATE INDEX jobs_leases ON jobs (state, lease_until);
CREATE INDEX jobs_subject ON jobs (subject_id);
CREATE INDEX jobs_parent ON jobs (parent_id);
DROP TABLE webhook_deliveries;
DROP TABLE webhooks;
