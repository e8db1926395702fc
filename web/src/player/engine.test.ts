import { describe, expect, it, vi } from 'vitest';
import { openEngine, type EngineEvents } from './engine';

// What a browser does when it gets something to play: it stands still.
vi.mock('./file', () => ({
  openFile: (video: { paused: boolean }) => {
    video.paused = true;
    return {};
  },
}));

const EVENTS: EngineEvents = {
  levels: () => undefined,
  sounds: () => undefined,
  playing: () => undefined,
  fault: () => undefined,
};

describe('a film that is opened', () => {
  it.each([
    [true, 0],
    [false, 1],
  ])('with the video standing still: %s, is played %d times', async (paused, times) => {
    const play = vi.fn(() => Promise.resolve());
    const video = { paused, play } as unknown as HTMLVideoElement;
    await openEngine(video, { kind: 'file', url: '/f.mp4' }, 0, EVENTS);
    expect(play).toHaveBeenCalledTimes(times);
  });
});
