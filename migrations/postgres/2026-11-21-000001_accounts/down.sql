DROP TABLE audit_log;
DROP TABLE access_tokens;
DROP TABLE login_sessions;
DROP TABLE accounts;
DROP TABLE settings;
