/**
 * What the house refuses, in a language that it does not speak itself. Its own words are English; here they are said by
 * their code. A code that this client does not know is shown in the house's words.
 */
import type { components } from '../../api/schema';
import type { Language } from '../language.svelte';

type ErrorCode = components['schemas']['ErrorCode'];
type FieldCode = components['schemas']['FieldCode'];

export interface Refusals {
  codes: Record<ErrorCode, string>;
  /** Told by the numbers in the house's words: "at least 8 bytes". */
  fields: Record<FieldCode, (numbers: string[]) => string>;
  withTheirs: (ours: string, theirs: string) => string;
}

/** Codes that stand for many things: what it is this time only the house's words tell. */
const VAGUE = new Set<string>(['bad_request', 'conflict', 'forbidden', 'expired', 'unavailable']);

let spoken: Refusals | null = null;

/** Fetches the words of a language; until they are here, the house's own are shown. */
export async function speakRefusals(language: Language): Promise<void> {
  spoken = language === 'zh' ? (await import('./zh')).zh : null;
}

/** A refusal in our words; `undefined` where the house's are to be shown. */
export function refusalOf(code: string | undefined, theirs: string | null | undefined): string | undefined {
  const ours = spoken?.codes[code as ErrorCode];
  if (!spoken || !ours) return undefined;
  return VAGUE.has(code ?? '') && theirs ? spoken.withTheirs(ours, theirs) : ours;
}

/** What is wrong with a field, in our words. */
export function faultOf(code: string | undefined, theirs: string): string {
  const say = spoken?.fields[code as FieldCode];
  return say ? say(theirs.match(/\d+/g) ?? []) : theirs;
}
