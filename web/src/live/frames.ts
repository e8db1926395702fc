import type {
  Account,
  Friend,
  FriendRequest,
  Friendship,
  Notice,
  ReadMark,
  Room,
  RoomEvent,
} from '../api/types';
import type { ProblemBody } from '../api/problem';

/** What is spoken on the live connection (`docs/REALTIME.md`). One JSON object, or several joined by newlines, a frame. */
export type Op =
  | { op: 'ping' }
  | { op: 'subscribe'; room: string; after_seq?: number; epoch?: string }
  | { op: 'unsubscribe'; room: string }
  | { op: 'send'; room: string; client_msg_id: string; body: string; reply_to?: string }
  | { op: 'read'; room: string; seq: number }
  | { op: 'typing'; room: string }
  | { op: 'presence'; accounts: string[] };

/** The answer to `subscribe`: all that came after `after_seq`, or the word to start over. */
export interface Subscribed {
  recovered: boolean;
  events?: RoomEvent[];
  seq: number;
  epoch: string;
}

export interface Seen {
  account_id: string;
  online: boolean;
}

export interface Hello {
  protocol: number;
  connection: string;
  account: Account;
  rooms: Room[];
  friends: Friend[];
  incoming: FriendRequest[];
  unread_notices: number;
}

export interface Transfer {
  id: string;
  kind: 'upload' | 'download';
  sent: number;
  size: number | null;
  state: 'running' | 'paused' | 'completed' | 'aborted';
}

/** Every push by its kind. */
export interface Pushes {
  hello: Hello;
  event: RoomEvent;
  typing: { room_id: string; account_id: string; username: string };
  presence: Seen;
  friend_request: FriendRequest;
  friend: Friendship;
  room: { room_id: string; room: Room | null };
  read: ReadMark;
  notice: Notice;
  transfer: Transfer;
  wallet: { balance: number; entries: number };
  /** An admin changed what the account may do, or VIP time was bought. */
  account: Account & { quota: number | null };
  job: { id: string; kind: string; movie_id: string; state: string; progress: number };
  session_ended: object;
}

export type PushKind = keyof Pushes;
export type Push = { [Kind in PushKind]: { ev: Kind } & Pushes[Kind] }[PushKind];

export interface Answer {
  re: number | null;
  ok?: unknown;
  error?: ProblemBody;
}

/** The objects of a frame. What cannot be read is left out: a later version of the house may say more. */
export function readFrame(text: string): (Push | Answer)[] {
  return text.split('\n').flatMap((line) => {
    if (!line.trim()) return [];
    try {
      const value: unknown = JSON.parse(line);
      const isOne = typeof value === 'object' && value !== null && ('ev' in value || 're' in value);
      return isOne ? [value as Push | Answer] : [];
    } catch {
      return [];
    }
  });
}

/** Whether to come back after the connection ended with this code. */
export function mayReturn(code: number): boolean {
  return code < 3500 || code > 3999;
}
