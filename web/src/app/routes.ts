/** The pages of the client: one line each. The server answers the same paths with `index.html`. */
export const ROUTES = {
  catalogue: '/',
  film: '/movies/:id',
  series: '/series',
  oneSeries: '/series/:id',
  drive: '/drive',
  driveShares: '/drive/shares',
  driveTrash: '/drive/trash',
  driveFolder: '/drive/:id',
  rooms: '/rooms',
  room: '/rooms/:id',
  friends: '/friends',
  notices: '/notices',
  records: '/records',
  wallet: '/wallet',
  me: '/me',
  admin: '/admin',
  adminArea: '/admin/:area',
  signIn: '/sign-in',
  signUp: '/sign-up',
  setUp: '/setup',
} as const;

export type RouteName = keyof typeof ROUTES;

/** `/movies/:id` -> `{ id: string }`; a pattern without names -> `{}`. */
export type ParamsOf<Pattern extends string> = Pattern extends `${string}:${infer Name}/${infer Rest}`
  ? { [Key in Name]: string } & ParamsOf<Rest>
  : Pattern extends `${string}:${infer Name}`
    ? { [Key in Name]: string }
    : Record<never, string>;

export type Query = Record<string, string | undefined>;

/** Where a path leads. `null` is a page that does not exist. */
export type Match =
  { [Name in RouteName]: { name: Name; params: ParamsOf<(typeof ROUTES)[Name]> } }[RouteName] | null;

export function matchPath(path: string): Match {
  const wanted = segments(path);
  for (const [name, pattern] of Object.entries(ROUTES)) {
    const params = matchSegments(segments(pattern), wanted);
    if (params) return { name, params } as Match;
  }
  return null;
}

/** The address of a page. Parameters are escaped, empty query values are left out. */
export function hrefTo<Name extends RouteName>(
  name: Name,
  params: ParamsOf<(typeof ROUTES)[Name]>,
  query: Query = {},
): string {
  const values: Record<string, string> = params;
  const path = ROUTES[name].replace(/:(\w+)/g, (_, key: string) => encodeURIComponent(values[key] ?? ''));
  return path + queryString(query);
}

/** `{ q: 'sea', tag: '' }` -> `?q=sea`; nothing -> an empty string. */
export function queryString(query: Query): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value) search.set(key, value);
  const text = search.toString();
  return text && `?${text}`;
}

/** Only a path of this site may follow a sign-in: anything else leads home. */
export function safeNext(next: string | null): string {
  return next && /^\/(?![/\\])/.test(next) ? next : ROUTES.catalogue;
}

function segments(path: string): string[] {
  return path.split('/').filter(Boolean);
}

function matchSegments(pattern: string[], path: string[]): Record<string, string> | null {
  if (pattern.length !== path.length) return null;
  const params: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const actual = decode(path[index] ?? '');
    if (actual === null) return null;
    if (part.startsWith(':')) params[part.slice(1)] = actual;
    else if (part !== actual) return null;
  }
  return params;
}

function decode(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}
