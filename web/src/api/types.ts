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
export type Minute = Schemas['MinuteStats'];
export type Setting = Schemas['Setting'];
export type SettingGroup = Schemas['SettingGroup'];
export type AccountSession = Schemas['AccountSession'];
export type Voucher = Schemas['Voucher'];
export type VoucherState = Schemas['VoucherState'];
export type Job = Schemas['Job'];
export type JobDetail = Schemas['JobDetail'];
export type AuditEntry = Schemas['AuditEntry'];
export type Webhook = Schemas['Webhook'];
export type WebhookEvent = Schemas['WebhookEvent'];
export type WebhookWithSecret = Schemas['WebhookWithSecret'];
export type WebhookDelivery = Schemas['WebhookDelivery'];
export type AccountDetail = Schemas['AccountDetail'];
export type LedgerEntry = Schemas['LedgerEntry'];
export type Entry = Schemas['Entry'];
export type EntryVersion = Schemas['EntryVersion'];
export type Share = Schemas['Share'];
export type Person = Schemas['Person'];
export type Friend = Schemas['Friend'];
export type FriendRequest = Schemas['FriendRequest'];
export type Friends = Schemas['Friends'];
export type Friendship = Schemas['Friendship'];
export type Blocked = Schemas['Blocked'];
export type Room = Schemas['Room'];
/** What was said last in a room, as it stands now. */
export type LastMessage = NonNullable<Room['last_message']>;
export type RoomRole = Schemas['RoomRole'];
export type RoomChanges = Schemas['RoomChanges'];
export type RoomEvent = Schemas['Event'];
export type Message = Schemas['Message'];
export type Member = Schemas['Member'];
export type MemberChanges = Schemas['MemberChanges'];
export type Ban = Schemas['Ban'];
export type ReadMark = Schemas['ReadMark'];
export type Link = Schemas['Link'];
export type Chapter = Schemas['Chapter'];
export type Rating = Schemas['Rating'];
export type Comment = Schemas['Comment'];
export type ModeratedComment = Schemas['ModeratedComment'];
export type CommentReport = Schemas['CommentReport'];
export type SeriesSummary = Schemas['SeriesSummary'];
export type SeriesDetail = Schemas['SeriesDetail'];
export type Season = Schemas['Season'];
export type Episode = Schemas['Episode'];
export type Poster = Schemas['Poster'];
export type PlaceInSeries = Schemas['PlaceInSeries'];

export interface Page<Item> {
  items: Item[];
  next_cursor: string | null;
}
