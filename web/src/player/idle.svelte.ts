const AFTER_MS = 2800;

/** Whether somebody is at the controls: after a while without a move they go, so that the film has the whole screen. */
export class Idle {
  awake = $state(true);
  #timer = 0;

  wake(): void {
    this.awake = true;
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => (this.awake = false), AFTER_MS);
  }

  sleep(): void {
    window.clearTimeout(this.#timer);
    this.awake = false;
  }

  stop(): void {
    window.clearTimeout(this.#timer);
  }
}
