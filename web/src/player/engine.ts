import { openFile } from './file';
import type { Level, Sound, Way } from './quality';

/**
 * Why a film does not go on. `refused`: the house gives nothing at this address (any more); `network`: nothing answers;
 * `format`: the browser cannot read it.
 */
export type Fault = 'refused' | 'network' | 'format';

export interface EngineEvents {
  levels: (levels: Level[]) => void;
  /** What can be heard; the first one is. */
  sounds: (sounds: Sound[]) => void;
  /** The rendition that is on the screen now. */
  playing: (index: number) => void;
  /** `url` is what was asked for in vain, where that is known. */
  fault: (fault: Fault, url?: string) => void;
}

/** What feeds the video element. */
export interface Engine {
  /** A rendition, or -1 to let the connection decide. */
  choose: (index: number) => void;
  /** One of the sounds. */
  listen: (index: number) => void;
  /** The film is really wanted: read ahead as far as is sensible. */
  hurry: () => void;
  /** Takes new addresses while it plays; false when it must be opened anew for that. */
  renew: (url: string) => boolean;
  close: () => void;
}

/** The reader of playlists is large, and comes only for a film that has one. */
const loadReader = () => import('./playlist');

/** Opens one way to play, at `startAt` seconds. */
export async function openEngine(
  video: HTMLVideoElement,
  way: Way,
  startAt: number,
  events: EngineEvents,
): Promise<Engine> {
  const open = way.kind === 'hls' ? (await loadReader()).openPlaylist : openFile;
  // A browser forgets that play was pressed when it gets something to play: nobody should have to press again.
  const isWanted = !video.paused;
  const engine = open(video, way.url, startAt, events);
  if (isWanted) void video.play().catch(() => undefined);
  return engine;
}

/** What this browser can do with a playlist. Our own reader is asked first, whatever the browser says of itself. */
export async function readersOf(video: HTMLVideoElement): Promise<{ hls: boolean; native: boolean }> {
  const { isSupported } = await loadReader();
  return { hls: isSupported(), native: video.canPlayType('application/vnd.apple.mpegurl') !== '' };
}
