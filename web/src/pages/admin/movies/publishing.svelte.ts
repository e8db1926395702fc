import { isAbort } from '../../../api/client';
import { asProblem, type ApiProblem } from '../../../api/problem';
import type { Movie } from '../../../api/types';
import { fingerprint } from '../../../app/fingerprint';
import type { House, Terms } from './house';
import { OwnUploads } from '../../../uploads/kept';
import { titleFrom } from './titles';

export type Phase = 'chosen' | 'checking' | 'known' | 'sending' | 'paused' | 'publishing' | 'done' | 'failed';

/** One file on its way to being a film. */
export class Publication {
  readonly id = crypto.randomUUID();
  readonly file: File;
  title = $state('');
  phase: Phase = $state('chosen');
  sent = $state(0);
  problem: ApiProblem | null = $state.raw(null);
  /** The film it became, or the one that has the same content already. */
  movie: Movie | null = $state.raw(null);
  readonly #house: House;
  readonly #begun: OwnUploads;
  #abort = new AbortController();

  constructor(file: File, house: House) {
    this.file = file;
    this.#house = house;
    this.#begun = new OwnUploads(house);
    this.title = titleFrom(file.name);
  }

  get isBusy(): boolean {
    return this.phase === 'checking' || this.phase === 'sending' || this.phase === 'publishing';
  }

  get mayStart(): boolean {
    return this.phase === 'chosen' || this.phase === 'paused' || this.phase === 'failed';
  }

  /** Stops between two pieces; what the house has, it keeps. */
  pause(): void {
    this.#abort.abort();
  }

  /** Looks whether the film is here, sends it if not, and publishes it. Never throws. */
  async run(terms: Terms): Promise<void> {
    this.#abort = new AbortController();
    this.problem = null;
    try {
      await this.#publish(terms);
    } catch (thrown) {
      this.phase = isAbort(thrown) ? 'paused' : 'failed';
      this.problem = isAbort(thrown) ? null : asProblem(thrown);
    }
  }

  async #publish(terms: Terms): Promise<void> {
    this.phase = 'checking';
    const print = await fingerprint(this.file);
    this.movie = await this.#house.find(print);
    if (this.movie) {
      this.phase = 'known';
      return;
    }
    this.phase = 'sending';
    const address = await this.#send(print);
    this.phase = 'publishing';
    this.movie = await this.#house.publish(address, this.title.trim(), terms);
    this.#begun.drop(print);
    this.phase = 'done';
  }

  /** Choosing the same film again goes on where its upload stands. */
  #send(print: string): Promise<string> {
    const { name, size, lastModified } = this.file;
    return this.#house.send(this.file, {
      metadata: { purpose: 'movie', filename: name, filetype: this.file.type },
      address: this.#begun.find(print)?.url,
      signal: this.#abort.signal,
      onaddress: (url) =>
        this.#begun.put({ print, url, path: name, size, modified: lastModified, rule: 'fail' }),
      onprogress: (sent) => (this.sent = sent),
    });
  }
}

/** The films of one go, one after the other: two at once would only make both slower. */
export class Publishing {
  list: Publication[] = $state.raw([]);
  isRunning = $state(false);
  readonly #house: House;

  constructor(house: House) {
    this.#house = house;
  }

  get isEmpty(): boolean {
    return this.list.length === 0;
  }

  get waiting(): number {
    return this.list.filter(({ mayStart }) => mayStart).length;
  }

  /** Adds files; one that is in the list already (same name, size and date) is not added again. */
  add(files: Iterable<File>): void {
    const nameOf = (file: File) => `${file.name}|${file.size}|${file.lastModified}`;
    const known = new Set(this.list.map(({ file }) => nameOf(file)));
    const fresh = [...files].filter((file) => file.size > 0 && !known.has(nameOf(file)));
    this.list = [...this.list, ...fresh.map((file) => new Publication(file, this.#house))];
  }

  remove(one: Publication): void {
    one.pause();
    this.list = this.list.filter((other) => other !== one);
  }

  clearDone(): void {
    this.list = this.list.filter(({ phase }) => phase !== 'done' && phase !== 'known');
  }

  /** Runs whatever may start, in order; a pause ends the go after the one that was paused. */
  async run(terms: Terms, onfilm: () => void): Promise<void> {
    if (this.isRunning) return;
    this.isRunning = true;
    for (const one of this.list.filter(({ mayStart }) => mayStart)) {
      if (!this.list.includes(one)) continue;
      await one.run(terms);
      if (one.phase === 'done') onfilm();
      if (one.phase === 'paused') break;
    }
    this.isRunning = false;
  }
}
