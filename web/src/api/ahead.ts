import type { components } from './schema';

/**
 * What `openapi.json` does not tell yet: ratings, comments, series and the choice of posters, as the house's contract names them. Once it does,
 * `paths` and `Schemas` hold the same under the same names, and this file goes.
 */
type Movie = components['schemas']['Movie'];
type Person = components['schemas']['Person'];

export interface AheadSchemas {
  Rating: {
    /** From 1 to 5; `null` when nobody has rated the film. */
    average: number | null;
    count: number;
    /** The reader's own. */
    stars: number | null;
  };
  Comment: {
    id: string;
    movie_id: string;
    author: Person;
    /** Plain text; `null` when it is hidden and not for the reader. */
    text: string | null;
    created_at: string;
    edited_at: string | null;
    hidden: boolean;
  };
  ModeratedComment: AheadSchemas['Comment'] & {
    movie: { id: string; title: string };
    /** How many reports wait. */
    reports: number;
  };
  CommentReport: { account: Person; reason: string | null; created_at: string };
  SeriesSummary: {
    id: string;
    title: string;
    description: string;
    films: number;
    seasons: number;
    poster_url: string | null;
  };
  SeriesDetail: { id: string; title: string; description: string; seasons: AheadSchemas['Season'][] };
  Season: { number: number; films: AheadSchemas['Episode'][] };
  Episode: { episode: number; movie: Movie };
  PlaceInSeries: {
    series: { id: string; title: string } | null;
    season: number | null;
    episode: number | null;
    previous: Movie | null;
    next: Movie | null;
  };
  Posters: { posters: AheadSchemas['Poster'][] };
  Poster: {
    id: string;
    url: string;
    chosen: boolean;
    /** The moment of the film, in seconds; `null` for the one that was uploaded. */
    at: number | null;
  };
}

type In<Path, Query = never> = { path: Path; query?: Query; header?: never; cookie?: never };
type Listed<Item> = { items: Item[]; next_cursor: string | null };
type Paging = { cursor?: string; limit?: number };

interface Answers<Parameters, Answer, Status extends number = 200> {
  parameters: Parameters;
  requestBody?: never;
  responses: Record<Status, { headers: Record<string, unknown>; content: { 'application/json': Answer } }>;
}

interface Done<Parameters> {
  parameters: Parameters;
  requestBody?: never;
  responses: { 204: { headers: Record<string, unknown>; content?: never } };
}

type Taking<Operation, Body> = Omit<Operation, 'requestBody'> & {
  requestBody: { content: { 'application/json': Body } };
};

type One = In<{ id: string }>;
type Paged = In<{ id: string }, Paging>;
type Nothing<Query = never> = { path?: never; query?: Query; header?: never; cookie?: never };
type FilmOfSeries = In<{ id: string; movie_id: string }>;

export interface AheadPaths {
  '/api/v1/movies/{id}/rating': {
    get: Answers<One, AheadSchemas['Rating']>;
    put: Taking<Done<One>, { stars: number }>;
    delete: Done<One>;
  };
  '/api/v1/movies/{id}/comments': {
    get: Answers<Paged, Listed<AheadSchemas['Comment']>>;
    post: Taking<Answers<One, AheadSchemas['Comment'], 201>, { text: string }>;
  };
  '/api/v1/comments/{id}': {
    patch: Taking<Answers<One, AheadSchemas['Comment']>, { text: string }>;
    delete: Done<One>;
  };
  '/api/v1/comments/{id}/report': { post: Taking<Done<One>, { reason?: string }> };
  '/api/v1/admin/comments': {
    get: Answers<
      Nothing<Paging & { state?: 'reported' | 'hidden' | 'all' }>,
      Listed<AheadSchemas['ModeratedComment']>
    >;
  };
  '/api/v1/admin/comments/{id}/reports': { get: Answers<Paged, Listed<AheadSchemas['CommentReport']>> };
  '/api/v1/admin/comments/{id}/hide': { post: Done<One> };
  '/api/v1/admin/comments/{id}/show': { post: Done<One> };
  '/api/v1/admin/movies/{id}/posters': { get: Answers<One, AheadSchemas['Posters']> };
  '/api/v1/admin/movies/{id}/poster': {
    put: Taking<Answers<One, AheadSchemas['Posters']>, { id: string }>;
    post: Omit<Answers<One, AheadSchemas['Posters'], 201>, 'requestBody'> & {
      requestBody: { content: { 'application/octet-stream': unknown } };
    };
  };
  '/api/v1/movies/{id}/series': { get: Answers<One, AheadSchemas['PlaceInSeries']> };
  '/api/v1/series': { get: Answers<Nothing<Paging>, Listed<AheadSchemas['SeriesSummary']>> };
  '/api/v1/series/{id}': { get: Answers<One, AheadSchemas['SeriesDetail']> };
  '/api/v1/admin/series': {
    post: Taking<
      Answers<Nothing, AheadSchemas['SeriesDetail'], 201>,
      { title: string; description?: string }
    >;
  };
  '/api/v1/admin/series/{id}': {
    patch: Taking<Answers<One, AheadSchemas['SeriesDetail']>, { title?: string; description?: string }>;
    delete: Done<One>;
  };
  '/api/v1/admin/series/{id}/films/{movie_id}': {
    put: Taking<Done<FilmOfSeries>, { season: number; episode: number }>;
    delete: Done<FilmOfSeries>;
  };
}
