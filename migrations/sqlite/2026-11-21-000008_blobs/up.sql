-- Digests are computed for bytes now, whoever has them; they were for films.
UPDATE jobs SET subject_id = (SELECT 'blob:' || blob_id FROM movies WHERE movies.id = jobs.subject_id)
    WHERE kind = 'digests' AND subject_id IN (SELECT id FROM movies);
-- The job that removes bytes removed the poster of a film, too: 'HASH/POSTER'. A poster without a film goes at a start.
UPDATE jobs SET subject_id = substr(subject_id, 1, 64) WHERE kind = 'remove_bytes';
