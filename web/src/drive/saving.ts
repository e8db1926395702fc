import type { Entry } from '../api/types';
import { contentUrl } from './entries';

const BETWEEN_MS = 500;

/** Hands files to the browser's own downloads, folders as archives; the server names them. */
export async function saveEntries(entries: readonly Pick<Entry, 'id'>[]): Promise<void> {
  for (const [index, { id }] of entries.entries()) {
    if (index > 0) await new Promise((done) => setTimeout(done, BETWEEN_MS));
    const link = document.createElement('a');
    link.href = contentUrl(id);
    link.download = '';
    document.body.append(link);
    link.click();
    link.remove();
  }
}

/** Puts text on the clipboard. Browsers refuse it on pages without TLS, so there is an older way behind it. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

function copyBySelection(text: string): boolean {
  const box = document.createElement('textarea');
  box.value = text;
  box.readOnly = true;
  (document.querySelector('dialog[open]') ?? document.body).append(box);
  box.select();
  const isDone = document.execCommand('copy');
  box.remove();
  return isDone;
}
