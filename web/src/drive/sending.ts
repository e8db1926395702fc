import { problemFrom } from '../api/problem';
import type { Carry } from '../uploads/carry';
import { askAbout, isGone, offsetIn, sayAgain, sendFile as sendByTus } from '../uploads/tus';

export type Rule = 'fail' | 'replace' | 'rename';

/** One file on its way into the drive. */
export interface Sending {
  file: File;
  /** Where it shall be. */
  path: string;
  rule: Rule;
  /** The address of an upload that has begun. */
  url: string | null;
}

export interface Hooks {
  signal: AbortSignal;
  onUrl: (url: string | null) => void;
  onProgress: (sent: number) => void;
}

/** Sends one file; answers the id of the entry that it became. Throws a problem, or an `AbortError`. */
export type Send = (sending: Sending, hooks: Hooks, carry?: Carry) => Promise<string | null>;

/** Everything that is left goes with one request: a drive's file is broken off and taken up at any byte. */
export const sendFile: Send = async (sending, hooks, carry) => {
  const { url } = sending;
  const standing = url ? await standingOf(url, sending, hooks.signal, carry) : null;
  if (standing?.state === 'done') return standing.entry;
  if (standing?.state === 'gone') hooks.onUrl(null);
  const begun = standing?.state === 'open' && url ? { address: url, offset: standing.offset } : {};
  const { answer } = await sendByTus(sending.file, {
    ...begun,
    metadata: metadataOf(sending),
    signal: hooks.signal,
    onaddress: hooks.onUrl,
    onprogress: hooks.onProgress,
    carry,
  });
  return entryIn(answer?.headers.get('Content-Location'));
};

type Standing =
  { state: 'open'; offset: number } | { state: 'gone' } | { state: 'done'; entry: string | null };

async function standingOf(
  url: string,
  sending: Sending,
  signal: AbortSignal,
  carry?: Carry,
): Promise<Standing> {
  const answer = await askAbout(url, signal, carry);
  if (isGone(answer)) return { state: 'gone' };
  // All bytes are there, and the name or the room was lacking: the words are only in the answer to a PATCH.
  if (answer.status === 409 || answer.status === 507) return place(url, sending, signal, carry);
  if (!answer.ok) throw problemFrom(answer, null);
  const placed = answer.headers.get('Content-Location');
  if (placed) return { state: 'done', entry: entryIn(placed) };
  return { state: 'open', offset: offsetIn(answer) };
}

/** Says again where a complete upload shall be. */
async function place(
  url: string,
  { file, path, rule }: Sending,
  signal: AbortSignal,
  carry?: Carry,
): Promise<Standing> {
  const answer = await sayAgain(url, file.size, { path, on_conflict: rule }, signal, carry);
  if (isGone(answer)) return { state: 'gone' };
  if (!answer.ok) throw problemFrom(answer, await answer.json().catch(() => null));
  return { state: 'done', entry: entryIn(answer.headers.get('Content-Location')) };
}

function metadataOf({ file, path, rule }: Sending): Record<string, string> {
  return {
    purpose: 'drive',
    filename: file.name,
    filetype: file.type || 'application/octet-stream',
    path,
    on_conflict: rule,
    modified_at: new Date(file.lastModified).toISOString(),
  };
}

/** `/api/v1/drive/entries/ID` -> `ID`. */
export function entryIn(place: string | null | undefined): string | null {
  return /\/drive\/entries\/([^/?]+)$/.exec(place ?? '')?.[1] ?? null;
}
