import Hls, { type ErrorData } from 'hls.js';
import { Addresses } from './addresses';
import type { Engine, EngineEvents, Fault } from './engine';

/** Seconds to read ahead: few while nobody has pressed play. */
const AHEAD_IDLE = 6;
const AHEAD = 40;
const BEHIND = 60;
const MEDIA_RECOVERIES = 2;

export function isSupported(): boolean {
  return Hls.isSupported();
}

/** A film in several qualities, read by hls.js. */
export function openPlaylist(
  video: HTMLVideoElement,
  url: string,
  startAt: number,
  events: EngineEvents,
): Engine {
  const addresses = new Addresses(url);
  let recoveries = 0;
  const hls = new Hls({
    // A worker from a blob is what the content security policy forbids, and fragmented MP4 needs no converting.
    enableWorker: false,
    enableWebVTT: false,
    enableIMSC1: false,
    enableCEA708Captions: false,
    capLevelToPlayerSize: true,
    startPosition: startAt > 0 ? startAt : -1,
    maxBufferLength: AHEAD_IDLE,
    maxMaxBufferLength: AHEAD,
    backBufferLength: BEHIND,
    // The playlists keep the addresses that they were read with; what is asked for is always the newest.
    xhrSetup: (request, asked) => request.open('GET', addresses.now(asked), true),
  });
  hls.on(Hls.Events.MANIFEST_PARSED, () => {
    events.levels(
      hls.levels.map(({ width, height, bitrate }) => ({ lines: Math.min(width, height), bitrate })),
    );
  });
  hls.on(Hls.Events.AUDIO_TRACKS_UPDATED, (_, { audioTracks }) => {
    events.sounds(audioTracks.map(({ name, lang }) => ({ label: name, language: lang ?? '' })));
  });
  hls.on(Hls.Events.LEVEL_SWITCHED, (_, { level }) => events.playing(level));
  hls.on(Hls.Events.ERROR, (_, error) => {
    if (!error.fatal) return;
    if (error.type === Hls.ErrorTypes.MEDIA_ERROR && recoveries < MEDIA_RECOVERIES) {
      recoveries += 1;
      hls.recoverMediaError();
    } else events.fault(faultOf(error), error.frag?.url ?? error.url);
  });
  hls.loadSource(new URL(url, location.href).href);
  hls.attachMedia(video);
  return {
    choose: (index) => {
      hls.nextLevel = index;
    },
    listen: (index) => {
      hls.audioTrack = index;
    },
    hurry: () => {
      hls.config.maxBufferLength = AHEAD;
    },
    renew: (next) => {
      addresses.renew(next);
      return true;
    },
    close: () => hls.destroy(),
  };
}

/** What the house refuses it has answered; what it has not answered is the network's. */
export function faultOf({ type, response }: Pick<ErrorData, 'type' | 'response'>): Fault {
  if (type !== Hls.ErrorTypes.NETWORK_ERROR) return 'format';
  const status = response?.code ?? 0;
  return status >= 400 && status < 500 && status !== 408 ? 'refused' : 'network';
}
