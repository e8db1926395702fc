import { api, call } from '../api/client';
import { asProblem, networkProblem, problemFrom, type ApiProblem } from '../api/problem';
import type { Playback } from '../api/types';
import { isWorthResuming } from '../app/positions';
import { isOver, renewIn } from './addresses';
import { openEngine, readersOf, type Engine, type Fault } from './engine';
import { keepHabits, readHabits, trackFor } from './habits';
import {
  hasPlaylist,
  indexFor,
  qualitiesOf,
  waysOf,
  type Level,
  type Quality,
  type Sound,
  type Way,
} from './quality';
import { readTiles, type Tile } from './tiles';

/** Milliseconds before each try to go on after a break. After the last one the reader is asked. */
const PAUSES = [0, 1500, 4000, 9000];
/** Seconds that must run before a break counts as mended. */
const MENDED = 5;

type Timer = ReturnType<typeof setTimeout>;

interface Facts {
  id: string;
  duration: number | null;
}

/**
 * The film in the projector: asks for its addresses, renews them before they end, picks the way to play it, and threads
 * it in again where it broke.
 */
export class Reel {
  playback: Playback | null = $state.raw(null);
  /** What the house said when it gave no addresses. */
  problem: ApiProblem | null = $state.raw(null);
  /** No way to play it leads anywhere in this browser. */
  unplayable = $state(false);
  mending = $state(false);
  qualities: Quality[] = $state.raw([]);
  /** Lines that were asked for; 0 leaves it to the connection. */
  chosen = $state(readHabits().quality);
  /** Lines that are on the screen. */
  shown = $state(0);
  sounds: Sound[] = $state.raw([]);
  /** The number of the sound that is heard. */
  heard = $state(0);
  tiles: Tile[] = $state.raw([]);
  /** Where it went on, when that was not the start. */
  resumedAt = $state(0);

  readonly #film: Facts;
  #video: HTMLVideoElement | undefined;
  #engine: Engine | undefined;
  #levels: Level[] = [];
  #ways: Way[] = [];
  #way = 0;
  #tries = 0;
  #brokeAt = 0;
  #timers: { renew?: Timer; mend?: Timer } = {};
  /** Each opening has a number; what an older one still says is not heard. */
  #opening = 0;

  constructor(film: Facts) {
    this.#film = film;
  }

  get isPreview(): boolean {
    return typeof this.playback?.preview_seconds === 'number';
  }

  /** Opens it where it was left; `play` when it need not wait for anybody. */
  open(video: HTMLVideoElement, play = false): void {
    this.#video = video;
    void this.#load(null, play);
  }

  close(): void {
    this.#opening += 1;
    clearTimeout(this.#timers.renew);
    clearTimeout(this.#timers.mend);
    this.#engine?.close();
    this.#engine = undefined;
  }

  /** Somebody asked to try again. */
  retry(): void {
    this.problem = null;
    this.unplayable = false;
    this.#tries = 0;
    this.#way = 0;
    void this.#load(this.#video?.currentTime || this.#brokeAt || null);
  }

  hurry(): void {
    this.#engine?.hurry();
  }

  choose(lines: number): void {
    this.chosen = lines;
    keepHabits({ quality: lines });
    this.#engine?.choose(indexFor(this.qualities, lines));
  }

  listen(index: number): void {
    this.heard = index;
    keepHabits({ sound: this.sounds[index]?.language ?? '' });
    this.#engine?.listen(index);
  }

  /** The film runs: after some seconds what broke counts as mended. */
  ranTo(seconds: number): void {
    if (this.resumedAt && seconds > this.resumedAt + 12) this.resumedAt = 0;
    if (this.#tries > 0 && Math.abs(seconds - this.#brokeAt) > MENDED) this.#tries = 0;
  }

  async #ask(): Promise<Playback> {
    const params = { path: { id: this.#film.id }, query: { preview: true } };
    const playback = await call(api.GET('/api/v1/movies/{id}/playback', { params }));
    clearTimeout(this.#timers.renew);
    this.#timers.renew = setTimeout(() => void this.#renew(), renewIn(playback.expires_at));
    return playback;
  }

  /** Opens the film at `at`, or where it was left when `at` is `null`. */
  async #load(at: number | null, play = false): Promise<void> {
    const opening = (this.#opening += 1);
    try {
      const playback = await this.#ask();
      const can = hasPlaylist(playback) && this.#video ? await readersOf(this.#video) : NEITHER;
      if (opening !== this.#opening) return;
      this.playback = playback;
      this.#ways = waysOf(playback, can);
      void this.#loadTiles(playback);
      const isBegun = at === null && isWorthResuming(playback.position, this.#film.duration ?? NaN);
      if (isBegun) this.resumedAt = playback.position;
      await this.#thread(isBegun ? playback.position : (at ?? 0), play);
    } catch (thrown) {
      if (opening !== this.#opening) return;
      const problem = asProblem(thrown);
      if (isSilence(problem)) this.#mendLater(at, play, problem);
      else this.#give(problem);
    }
  }

  /** Plays by the way that is next in turn. */
  async #thread(at: number, play: boolean): Promise<void> {
    const way = this.#ways[this.#way];
    this.#engine?.close();
    this.#engine = undefined;
    if (!way || !this.#video) {
      this.#give(null);
      return;
    }
    const opening = (this.#opening += 1);
    const isCurrent = () => opening === this.#opening;
    const engine = await openEngine(this.#video, way, at, {
      levels: (levels) => isCurrent() && this.#learn(levels),
      sounds: (sounds) => isCurrent() && this.#tune(sounds),
      playing: (index) => isCurrent() && (this.shown = this.#levels[index]?.lines ?? 0),
      fault: (fault, url) => isCurrent() && this.#mend(fault, way, url ?? way.url),
    });
    if (opening !== this.#opening) {
      engine.close();
      return;
    }
    this.#engine = engine;
    this.mending = false;
    if (play) void this.#video.play().catch(() => undefined);
  }

  #learn(levels: Level[]): void {
    this.#levels = levels;
    this.qualities = qualitiesOf(levels);
    const index = indexFor(this.qualities, this.chosen);
    // The engine may not be handed over yet when it already knows its levels.
    queueMicrotask(() => index >= 0 && this.#engine?.choose(index));
  }

  /** The sound that was heard before a break; else one in the language that was chosen once; else the film's own. */
  #tune(sounds: Sound[]): void {
    const languages = sounds.map(({ language }) => language);
    const isSame = languages.join(' ') === this.sounds.map(({ language }) => language).join(' ');
    const index = isSame ? this.heard : Math.max(0, trackFor(languages, readHabits().sound));
    this.sounds = sounds;
    this.heard = index;
    queueMicrotask(() => index > 0 && this.#engine?.listen(index));
  }

  #mend(fault: Fault, way: Way, url: string): void {
    const at = this.#video?.currentTime || this.#brokeAt;
    const play = this.#video?.paused === false;
    this.#brokeAt = at;
    const mayBeRefused = way.kind !== 'hls' && (this.#tries === 0 || this.#isOver());
    if (fault === 'format' && !mayBeRefused) {
      this.#way += 1;
      void this.#thread(at, play);
    } else this.#mendLater(at, play, fault === 'network' ? networkProblem() : null, url);
  }

  #mendLater(at: number | null, play: boolean, problem: ApiProblem | null, url?: string): void {
    const pause = PAUSES[this.#tries];
    this.#tries += 1;
    if (pause === undefined) {
      if (problem || !url) this.#give(problem);
      else void whyNot(url).then((why) => this.#give(why));
      return;
    }
    this.mending = true;
    clearTimeout(this.#timers.mend);
    this.#timers.mend = setTimeout(() => void this.#load(at, play), pause);
  }

  #give(problem: ApiProblem | null): void {
    this.mending = false;
    this.#video?.pause();
    if (problem) this.problem = problem;
    else this.unplayable = true;
  }

  #isOver(): boolean {
    return this.playback !== null && isOver(this.playback.expires_at);
  }

  /** New addresses while the film runs. A plain file takes them when it stands still, or when it breaks. */
  async #renew(): Promise<void> {
    try {
      const playback = await this.#ask();
      const fresh = playback.sources.find(({ url }) => url.endsWith('.m3u8')) ?? playback.sources[0];
      this.playback = playback;
      void this.#loadTiles(playback);
      const isTaken =
        this.#ways[this.#way]?.kind === 'hls' && fresh && this.#engine?.renew(absolute(fresh.url));
      this.#ways = waysOf(playback, {
        hls: this.#ways.some(({ kind }) => kind === 'hls'),
        native: this.#ways.some(({ kind }) => kind === 'native'),
      });
      if (!isTaken && this.#video?.paused) await this.#thread(this.#video.currentTime, false);
    } catch {
      const again = renewIn(this.playback?.expires_at ?? '');
      this.#timers.renew = setTimeout(() => void this.#renew(), again);
    }
  }

  /** Without the pictures the bar shows times only. */
  async #loadTiles({ sprites }: Playback): Promise<void> {
    if (!sprites) return;
    try {
      const answer = await fetch(sprites);
      if (answer.ok) this.tiles = readTiles(await answer.text(), absolute(sprites));
    } catch {
      this.tiles = [];
    }
  }
}

/** What the house says to an address that it refuses; `null` when it refuses no more. */
async function whyNot(url: string): Promise<ApiProblem | null> {
  try {
    const answer = await fetch(url, { headers: { Range: 'bytes=0-0' } });
    if (answer.ok) return null;
    return problemFrom(answer, await answer.json().catch(() => null));
  } catch {
    return networkProblem();
  }
}

const NEITHER = { hls: false, native: false };

function absolute(url: string): string {
  return new URL(url, globalThis.location?.href).href;
}

/** Nothing answered, or a house that is just coming up. */
function isSilence({ status }: ApiProblem): boolean {
  return status === 0 || (status >= 502 && status <= 504);
}
