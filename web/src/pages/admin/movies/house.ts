import { api, ApiProblem, call } from '../../../api/client';
import type { Movie } from '../../../api/types';
import { sendFile, uploadId, type TusOptions } from '../../../app/tus';

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
  send: sendFile,
  publish: (address, title, terms) =>
    call(api.POST('/api/v1/movies', { body: { ...terms, title, upload_id: uploadId(address) } })),
};
