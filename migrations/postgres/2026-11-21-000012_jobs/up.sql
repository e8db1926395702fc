-- Jobs that take long: lanes, an order of importance, a tree, progress, and the end of what their tool said.
ALTER TABLE jobs
    -- What else the worker must know, in the words of the kind.
    ADD COLUMN payload TEXT NOT NULL DEFAULT '',
    -- Long work does not keep quick work waiting: each lane has workers of its own.
    ADD COLUMN lane TEXT NOT NULL DEFAULT 'quick' CHECK (lane IN ('quick', 'long')),
    -- The highest first.
    ADD COLUMN priority INTEGER NOT NULL DEFAULT 0,
    -- The job that asked for this one; it may be gone already.
    ADD COLUMN parent_id TEXT,
    ADD COLUMN progress INTEGER NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 100),
    ADD COLUMN heartbeat_at TIMESTAMP,
    ADD COLUMN log_tail TEXT NOT NULL DEFAULT '';
ALTER TABLE jobs DROP CONSTRAINT jobs_state_check;
ALTER TABLE jobs ADD CONSTRAINT jobs_state_check
    CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled'));
UPDATE jobs SET progress = 100 WHERE state = 'done';
DROP INDEX jobs_due;
CREATE INDEX jobs_due ON jobs (lane, state, priority DESC, run_at);
CREATE INDEX jobs_leases ON jobs (state, lease_until);
CREATE INDEX jobs_parent ON jobs (parent_id);
