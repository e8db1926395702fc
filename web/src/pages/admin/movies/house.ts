import { api, ApiProblem, call } from '../../../api/client';
import type { Movie } from '../../../api/types';
import { session } from '../../../app/session.svelte';
import { KeptUploads } from '../../../uploads/kept';
import { PAUSES_MS } from '../../../uploads/patience';
import { sendFile, uploadId, type TusOptions } from '../../../uploads/tus';

/** A film goes up in pieces: it may take hours, and what is in front of the house may end long requests. */
const PIECE = 4 * 1024 * 1024;

/** What all films of one go are published with. */
export interface Terms {
  price: number;
  category: string | null;
  tags: string[];
  publish_at: string | null;
}

/** What publishing asks of the house. */
export interface House {
  /** The film with that fingerprint, if it is there. */
  find: (fingerprint: string) => Promise<Movie | null>;
  /** Sends a file; returns the address of the upload. */
  send: (file: File, options: TusOptions) => Promise<string>;
  publish: (address: string, title: string, terms: Terms) => Promise<Movie>;
  /** Whose uploads are kept. */
  account: () => string | undefined;
  kept: KeptUploads;
}

export const house: House = {
  async find(fingerprint) {
    try {
      return await call(api.POST('/api/v1/movies/lookup', { body: { fingerprint } }));
    } catch (thrown) {
      if (thrown instanceof ApiProblem && thrown.status === 404) return null;
      throw thrown;
    }
  },
  send: async (file, options) =>
    (await sendFile(file, { piece: PIECE, pauses: PAUSES_MS, ...options })).address,
  publish: (address, title, terms) =>
    call(api.POST('/api/v1/movies', { body: { ...terms, title, upload_id: uploadId(address) } })),
  account: () => session.me?.id,
  kept: new KeptUploads('films'),
};
