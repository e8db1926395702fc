DROP TABLE dav_properties;
DROP TABLE dav_locks;
DROP TABLE drive_shares;
DROP TABLE drive_usage;
DROP TABLE drive_versions;
DROP TABLE drive_entries;
ALTER TABLE blobs DROP COLUMN refs;
