DROP INDEX jobs_due;
DROP INDEX jobs_leases;
DROP INDEX jobs_parent;
UPDATE jobs SET state = 'failed' WHERE state = 'cancelled';
ALTER TABLE jobs DROP CONSTRAINT jobs_state_check;
ALTER TABLE jobs ADD CONSTRAINT jobs_state_check CHECK (state IN ('queued', 'running', 'done', 'failed'));
ALTER TABLE jobs
    DROP COLUMN payload, DROP COLUMN lane, DROP COLUMN priority, DROP COLUMN parent_id, DROP COLUMN progress,
    DROP COLUMN heartbeat_at, DROP COLUMN log_tail;
CREATE INDEX jobs_due ON jobs (state, run_at);
