DROP INDEX watch_positions_latest;
DROP TABLE watchlist;
