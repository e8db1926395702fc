DROP INDEX drive_entries_search;
