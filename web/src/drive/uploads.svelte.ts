import { isAbort } from '../api/client';
import { asProblem, type ApiProblem } from '../api/problem';
import { byDepth, type Plan } from './dropped';
import { joinPath } from './entries';
import { fingerprint, type KeptUpload, type KeptUploads, OwnUploads } from '../uploads/kept';
import { pauseAfter } from '../uploads/patience';
import { inParallel } from './pool';
import { Batch, type Decision, type Question } from './questions.svelte';
import { Speed } from './speed';
import type { Send } from './sending';
import { figuresOf, mostPressing, Upload, type Figures } from './upload.svelte';

const AT_ONCE = 3;
const SHOWN = 80;
/** From here on the sums follow at their own pace, not with every file. */
const MANY = 200;
const FIGURES_MS = 250;

/** What the queue needs of the world; tests give it another one. */
export interface World {
  send: Send;
  end: (url: string) => Promise<void>;
  makeFolder: (path: string) => Promise<void>;
  ask: (question: Question, batch: Batch) => Promise<Decision>;
  arrived: (upload: Upload, entryId: string | null) => void;
  account: () => string | undefined;
  kept: KeptUploads;
  now: () => number;
}

/** The uploads of this visit: three at a time, in order, with pauses, retries and questions. */
export class Uploads {
  list: Upload[] = $state.raw([]);
  shown: Upload[] = $state.raw([]);
  figures: Figures = $state.raw(figuresOf([]));
  bytesPerSecond = $state(0);
  secondsLeft: number | null = $state(null);
  /** Folders that are being made before their files. */
  preparing = $state(0);
  problem: ApiProblem | null = $state.raw(null);
  readonly #world: World;
  readonly #begun: OwnUploads;
  readonly #speed = new Speed();
  #active = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(world: World) {
    this.#world = world;
    this.#begun = new OwnUploads(world);
  }

  /** Makes the folders of a plan below `folder`, then queues its files. */
  async add(plan: Plan, folder: string): Promise<void> {
    this.problem = null;
    this.preparing += 1;
    try {
      for (const level of byDepth(plan.folders)) {
        await inParallel(level, AT_ONCE, (path) => this.#world.makeFolder(joinPath(folder, path)));
      }
    } catch (thrown) {
      this.problem = asProblem(thrown);
      return;
    } finally {
      this.preparing -= 1;
    }
    const batch = new Batch();
    const kept = new Map(this.#begun.list().map((upload) => [upload.print, upload]));
    const fresh = plan.files.flatMap(({ file, path }) =>
      this.#prepare(joinPath(folder, path), file, batch, kept),
    );
    this.list = [...this.list, ...fresh];
    this.#pump();
  }

  /** Shows what was under way before a reload: each needs its file once more. */
  recall(): void {
    const known = new Set(this.list.map(({ print }) => print));
    const lost = this.#begun.list().filter(({ print }) => !known.has(print));
    const recalled = lost.map(({ path, size, url, rule, print }) => {
      const upload = new Upload(path, size, null, new Batch(), print);
      Object.assign(upload, { url, rule, state: 'lost' });
      return upload;
    });
    this.list = [...this.list, ...recalled];
    this.#renew();
  }

  /** Gives a lost upload its file back. Another file than the one that was begun is refused. */
  giveFile(upload: Upload, file: File): boolean {
    if (fingerprint(upload.path, file) !== upload.print) return false;
    upload.file = file;
    this.#wait(upload);
    return true;
  }

  pause(upload: Upload): void {
    if (upload.state !== 'waiting' && !upload.isMoving) return;
    upload.state = 'paused';
    upload.abort?.abort();
    this.#renew();
  }

  resume(upload: Upload): void {
    if (upload.state === 'lost' || !upload.file) return;
    if (upload.state === 'paused' || upload.state === 'failed' || upload.state === 'resting')
      this.#wait(upload);
  }

  pauseAll(): void {
    for (const upload of this.list) this.pause(upload);
  }

  resumeAll(): void {
    for (const upload of this.list) if (upload.state === 'paused') this.resume(upload);
  }

  retryAll(): void {
    for (const upload of this.list) {
      if (upload.state === 'failed' || upload.state === 'resting') this.resume(upload);
    }
  }

  /** Takes an upload out; what has arrived of it goes. */
  cancel(upload: Upload): void {
    const { url, isOver } = upload;
    upload.state = 'skipped';
    upload.abort?.abort();
    this.list = this.list.filter((other) => other !== upload);
    this.#begun.drop(upload.print);
    if (url && !isOver) void this.#world.end(url);
    this.#renew();
  }

  clearFinished(): void {
    this.list = this.list.filter((upload) => !upload.isOver);
    this.problem = null;
    this.#renew();
  }

  /** Another account, another queue. */
  stop(): void {
    for (const upload of this.list) {
      upload.state = 'skipped';
      upload.abort?.abort();
    }
    this.list = [];
    this.#renew();
  }

  /** A file that is known already goes on where it stood, whoever chose it again. */
  #prepare(path: string, file: File, batch: Batch, begun: ReadonlyMap<string, KeptUpload>): Upload[] {
    const print = fingerprint(path, file);
    const known = this.list.find((upload) => upload.print === print && !upload.isOver);
    if (known) {
      if (known.state === 'lost') this.giveFile(known, file);
      return [];
    }
    const upload = new Upload(path, file.size, file, batch, print);
    const kept = begun.get(print);
    if (kept) Object.assign(upload, { url: kept.url, rule: kept.rule });
    return [upload];
  }

  #wait(upload: Upload): void {
    upload.state = 'waiting';
    upload.problem = null;
    upload.retryAt = null;
    upload.attempts = 0;
    this.#pump();
  }

  #pump(): void {
    for (const upload of this.list) {
      if (this.#active >= AT_ONCE) break;
      if (upload.state === 'waiting' && !upload.abort) void this.#run(upload);
    }
    if (this.list.length > MANY) this.#renewSoon();
    else this.#renew();
  }

  async #run(upload: Upload): Promise<void> {
    const { file } = upload;
    if (!file) return;
    const abort = new AbortController();
    upload.abort = abort;
    upload.state = 'sending';
    this.#active += 1;
    try {
      const entry = await this.#world.send(
        { file, path: upload.path, rule: upload.rule, url: upload.url },
        {
          signal: abort.signal,
          onUrl: (url) => this.#keep(upload, url),
          onProgress: (sent) => this.#progress(upload, sent),
        },
      );
      upload.sent = upload.size;
      upload.state = 'done';
      this.#begun.drop(upload.print);
      this.#world.arrived(upload, entry);
    } catch (thrown) {
      if (!isAbort(thrown) && upload.state === 'sending') this.#meet(upload, asProblem(thrown));
    } finally {
      this.#active -= 1;
      upload.abort = null;
      this.#pump();
    }
  }

  #meet(upload: Upload, problem: ApiProblem): void {
    if (problem.code === 'name_taken' && upload.rule === 'fail') {
      void this.#ask(upload);
      return;
    }
    upload.problem = problem;
    const pause = pauseAfter(problem, upload.attempts);
    if (pause === null) upload.state = 'failed';
    else this.#rest(upload, pause);
  }

  #rest(upload: Upload, pause: number): void {
    upload.attempts += 1;
    upload.state = 'resting';
    const at = this.#world.now() + pause;
    upload.retryAt = at;
    setTimeout(() => {
      if (upload.state !== 'resting' || upload.retryAt !== at) return;
      upload.state = 'waiting';
      upload.retryAt = null;
      this.#pump();
    }, pause);
  }

  async #ask(upload: Upload): Promise<void> {
    upload.state = 'asking';
    const isOneOfMany = this.list.some(
      (other) => other !== upload && other.batch === upload.batch && !other.isOver,
    );
    const question = { name: upload.name, folder: upload.folder, kind: 'upload' as const, isOneOfMany };
    const decision = await this.#world.ask(question, upload.batch);
    if (upload.state !== 'asking') return;
    if (decision === 'skip') {
      this.cancel(upload);
    } else {
      upload.rule = decision;
      this.#wait(upload);
    }
  }

  #progress(upload: Upload, sent: number): void {
    if (sent > upload.sent) upload.attempts = 0;
    upload.sent = sent;
    upload.problem = null;
    this.#renewSoon();
  }

  #keep(upload: Upload, url: string | null): void {
    upload.url = url;
    const { print, path, size, rule, file } = upload;
    if (!url || !file) this.#begun.drop(print);
    else this.#begun.put({ print, url, path, size, modified: file.lastModified, rule });
  }

  #renewSoon(): void {
    this.#timer ??= setTimeout(() => this.#renew(), FIGURES_MS);
  }

  /** The sums and the rows on show. They follow at a steady pace, however many files are on their way. */
  #renew(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.figures = figuresOf(this.list);
    this.shown = mostPressing(this.list, SHOWN);
    if (this.#active === 0) this.#speed.forget();
    else this.#speed.note(this.figures.sent, this.#world.now());
    this.bytesPerSecond = this.#speed.bytesPerSecond;
    this.secondsLeft = this.#speed.secondsFor(this.figures.bytes - this.figures.sent);
    if (this.#active > 0) this.#renewSoon();
  }
}
