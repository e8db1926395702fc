import { keepHabits, readHabits } from './habits';

/** What the video element is doing, as fields that markup can follow; and what can be asked of it. */
export class Mirror {
  video: HTMLVideoElement | undefined;
  paused = $state(true);
  /** Whether it has ever run. */
  started = $state(false);
  ended = $state(false);
  waiting = $state(false);
  time = $state(0);
  duration = $state(0);
  /** Seconds up to which it can run on without the network. */
  ahead = $state(0);
  volume = $state(1);
  muted = $state(false);
  rate = $state(1);
  inPicture = $state(false);
  /** Where somebody drags the film to; it goes there when they let go. */
  scrubbing: number | null = $state(null);

  readonly canPicture = typeof document !== 'undefined' && document.pictureInPictureEnabled === true;

  /** Follows a video element. Returns the way to let go of it. */
  follow(video: HTMLVideoElement): () => void {
    this.video = video;
    this.started = this.ended = this.waiting = false;
    this.scrubbing = null;
    const habits = readHabits();
    video.volume = habits.volume;
    video.muted = habits.isMuted;
    video.defaultPlaybackRate = habits.rate;
    video.playbackRate = habits.rate;
    const leaving = new AbortController();
    const on = (names: string, act: () => void) => {
      for (const name of names.split(' ')) video.addEventListener(name, act, { signal: leaving.signal });
    };
    on('play pause playing ended', () => this.#readState());
    on('timeupdate seeking seeked durationchange progress loadedmetadata emptied', () => this.#readTime());
    on('waiting', () => (this.waiting = !video.paused));
    on('playing canplay pause seeked emptied', () => (this.waiting = false));
    on('volumechange', () => {
      this.volume = video.volume;
      this.muted = video.muted;
      keepHabits({ volume: video.volume, isMuted: video.muted });
    });
    on('ratechange', () => (this.rate = video.playbackRate));
    on('enterpictureinpicture', () => (this.inPicture = true));
    on('leavepictureinpicture', () => (this.inPicture = false));
    this.volume = video.volume;
    this.muted = video.muted;
    this.rate = video.playbackRate;
    return () => leaving.abort();
  }

  play(): void {
    // A browser may refuse to begin by itself: the button then stays.
    void this.video?.play().catch(() => undefined);
  }

  toggle(): void {
    if (this.video?.paused) this.play();
    else this.video?.pause();
  }

  seek(seconds: number): void {
    if (!this.video) return;
    const end = Number.isFinite(this.video.duration) ? this.video.duration : Infinity;
    this.video.currentTime = Math.min(end, Math.max(0, seconds));
    this.#readTime();
  }

  skip(seconds: number): void {
    this.seek((this.video?.currentTime ?? 0) + seconds);
  }

  setVolume(volume: number): void {
    if (!this.video) return;
    this.video.volume = Math.min(1, Math.max(0, volume));
    this.video.muted = this.video.volume === 0;
  }

  toggleMute(): void {
    if (!this.video) return;
    if (this.video.volume === 0) this.setVolume(0.5);
    else this.video.muted = !this.video.muted;
  }

  setRate(rate: number): void {
    if (!this.video) return;
    this.video.defaultPlaybackRate = rate;
    this.video.playbackRate = rate;
    // The browser tells of it later, and another step may come before that.
    this.rate = rate;
    keepHabits({ rate });
  }

  async togglePicture(): Promise<void> {
    try {
      if (document.pictureInPictureElement) await document.exitPictureInPicture();
      else await this.video?.requestPictureInPicture();
    } catch {
      // The browser may not want to, for reasons of its own.
    }
  }

  #readState(): void {
    const { video } = this;
    if (!video) return;
    this.paused = video.paused;
    this.ended = video.ended;
    this.started ||= !video.paused;
    this.#readTime();
  }

  #readTime(): void {
    const { video } = this;
    if (!video) return;
    this.time = video.currentTime;
    this.duration = Number.isFinite(video.duration) ? video.duration : 0;
    this.ended = video.ended;
    this.ahead = bufferedTo(video.buffered, video.currentTime);
  }
}

/** The end of the piece that holds this moment; the moment itself when none does. */
export function bufferedTo(ranges: TimeRanges, at: number): number {
  for (let index = 0; index < ranges.length; index += 1) {
    if (ranges.start(index) <= at + 0.2 && at <= ranges.end(index)) return ranges.end(index);
  }
  return at;
}
