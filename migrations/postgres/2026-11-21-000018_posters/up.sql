-- The pictures that a film may have: some of its own, and one that was uploaded. The chosen one is `movies.poster_key`.
CREATE TABLE posters (
    -- Names the file, too.
    key TEXT PRIMARY KEY,
    movie_id TEXT NOT NULL REFERENCES movies (id) ON DELETE CASCADE,
    -- Which moment of the film it shows; none for one that was uploaded.
    at_ms BIGINT,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX posters_movie ON posters (movie_id);

INSERT INTO posters (key, movie_id, at_ms, created_at)
SELECT poster_key, id, duration_ms / 8, updated_at FROM movies WHERE poster_key IS NOT NULL;
