import type { Engine, EngineEvents } from './engine';

/** The film as one file, or a playlist that the browser reads by itself. */
export function openFile(
  video: HTMLVideoElement,
  url: string,
  startAt: number,
  events: EngineEvents,
): Engine {
  const leaving = new AbortController();
  const { signal } = leaving;
  const start = () => {
    if (startAt > 0) video.currentTime = startAt;
  };
  // A refusal looks like an unknown format here: whoever listens asks for new addresses first.
  const fault = () => events.fault(video.error?.code === MediaError.MEDIA_ERR_NETWORK ? 'network' : 'format');
  video.addEventListener('loadedmetadata', start, { signal, once: true });
  video.addEventListener('error', fault, { signal });
  video.preload = 'metadata';
  video.src = url;
  events.levels([]);
  events.sounds([]);
  return {
    choose: () => undefined,
    listen: () => undefined,
    hurry: () => undefined,
    renew: () => false,
    close: () => {
      leaving.abort();
      video.removeAttribute('src');
      video.load();
    },
  };
}
