interface AppleVideo extends HTMLVideoElement {
  webkitEnterFullscreen?: () => void;
}

/** The whole screen for the player. Telephones that give it to a video only, give it to the video. */
export class Stage {
  isFull = $state(false);

  follow(player: HTMLElement): () => void {
    const read = () => (this.isFull = document.fullscreenElement === player);
    document.addEventListener('fullscreenchange', read);
    return () => document.removeEventListener('fullscreenchange', read);
  }

  async toggle(player: HTMLElement, video: AppleVideo): Promise<void> {
    try {
      if (document.fullscreenElement) await document.exitFullscreen();
      else if (document.fullscreenEnabled) await player.requestFullscreen();
      else video.webkitEnterFullscreen?.();
    } catch {
      // The browser may not want to; the film runs on in the page.
    }
  }
}

/** Tells the system what is on, for the keys of the keyboard, the lock screen and the headphones. */
export function announce(title: string, poster: string | null, skip: (seconds: number) => void): () => void {
  if (!('mediaSession' in navigator)) return () => undefined;
  const { mediaSession } = navigator;
  mediaSession.metadata = new MediaMetadata({ title, artwork: poster ? [{ src: poster }] : [] });
  mediaSession.setActionHandler('seekbackward', () => skip(-10));
  mediaSession.setActionHandler('seekforward', () => skip(10));
  return () => {
    mediaSession.metadata = null;
    mediaSession.setActionHandler('seekbackward', null);
    mediaSession.setActionHandler('seekforward', null);
  };
}
