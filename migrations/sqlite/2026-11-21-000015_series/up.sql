-- Films that belong together, in an order.
CREATE TABLE series (
    id TEXT PRIMARY KEY NOT NULL,
    title TEXT NOT NULL,
    -- What the title sorts by.
    sort_title TEXT NOT NULL,
    description TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX series_by_title ON series (sort_title, id);

-- A film is in at most one series, and no two films have one place.
CREATE TABLE series_films (
    movie_id TEXT PRIMARY KEY NOT NULL REFERENCES movies (id) ON DELETE CASCADE,
    series_id TEXT NOT NULL REFERENCES series (id) ON DELETE CASCADE,
    season INTEGER NOT NULL CHECK (season >= 1),
    episode INTEGER NOT NULL CHECK (episode >= 1)
);
CREATE UNIQUE INDEX series_films_place ON series_films (series_id, season, episode);
