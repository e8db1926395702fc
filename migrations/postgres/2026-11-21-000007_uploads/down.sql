DELETE FROM uploads WHERE kind <> 'whole' OR size IS NULL;
ALTER TABLE uploads
    ALTER COLUMN size SET NOT NULL,
    DROP COLUMN kind,
    DROP COLUMN target_path,
    DROP COLUMN on_conflict,
    DROP COLUMN modified_at,
    DROP COLUMN reserved,
    DROP COLUMN entry_id,
    DROP COLUMN concat,
    DROP COLUMN file_id,
    DROP COLUMN part_of,
    DROP COLUMN part_offset,
    DROP COLUMN final_id,
    DROP COLUMN part_number;
