UPDATE jobs SET subject_id = (SELECT id FROM movies WHERE 'blob:' || movies.blob_id = jobs.subject_id)
    WHERE kind = 'digests' AND subject_id IN (SELECT 'blob:' || blob_id FROM movies);
