import type { components } from './schema';

/** The names the pages use for the server's shapes. */
type Schemas = components['schemas'];

export type Site = Schemas['SiteInfo'];
export type Account = Schemas['Account'];
export type Me = Schemas['Me'];
export type LoginSession = Schemas['LoginSession'];
export type Movie = Schemas['Movie'];
export type Facet = Schemas['Facet'];
export type Film = Schemas['MovieDetail'];
export type Playback = Schemas['Playback'];
export type Order = Schemas['Order'];
export type Ticket = Schemas['Ticket'];
export type DownloadRecord = Schemas['DownloadRecord'];
export type Notice = Schemas['Notice'];
export type Plan = Schemas['Plan'];
export type AccessToken = Schemas['AccessToken'];
export type NewAccessToken = Schemas['NewAccessToken'];
export type Scope = Schemas['Scope'];
export type Stats = Schemas['Stats'];
export type Job = Schemas['Job'];
export type AuditEntry = Schemas['AuditEntry'];
export type AccountDetail = Schemas['AccountDetail'];
export type LedgerEntry = Schemas['LedgerEntry'];
export type Entry = Schemas['Entry'];
export type EntryVersion = Schemas['EntryVersion'];
export type Share = Schemas['Share'];

export interface Page<Item> {
  items: Item[];
  next_cursor: string | null;
}
