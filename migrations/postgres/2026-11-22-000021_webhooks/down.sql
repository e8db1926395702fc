DELETE FROM jobs WHERE kind = 'announce';
DROP TABLE movies_told;
DELETE FROM jobs WHERE lane = 'outside';
ALTER TABLE jobs DROP CONSTRAINT jobs_lane_check;
ALTER TABLE jobs ADD CONSTRAINT jobs_lane_check CHECK (lane IN ('quick', 'long'));
DROP TABLE webhook_deliveries;
DROP TABLE webhooks;
