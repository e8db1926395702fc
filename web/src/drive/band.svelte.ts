import { boxBetween, itemsIn, type Box, type Layout } from './windowing';

const LEAST_PX = 5;
const EDGE_PX = 56;
const STEP_PX = 14;

/** A rubber band over a list, drawn with the mouse. It goes on below the edge of the screen, which scrolls along. */
export class RubberBand {
  /** From the upper left corner of the list; `null` while none is drawn. */
  box: Box | null = $state.raw(null);
  #frame = 0;

  /** Follows the mouse until it is let go. `caught` hears of the items inside, `done` whether a band was drawn. */
  begin(
    event: PointerEvent,
    list: HTMLElement,
    layout: () => Layout,
    caught: (indexes: number[]) => void,
    done: (wasDrawn: boolean) => void,
  ): void {
    const from = pointIn(list, event.clientX, event.clientY);
    let [x, y] = [event.clientX, event.clientY];
    const draw = () => {
      const to = pointIn(list, x, y);
      if (!this.box && Math.hypot(to.x - from.x, to.y - from.y) < LEAST_PX) return;
      this.box = boxBetween(from.x, from.y, to.x, to.y);
      caught(itemsIn(layout(), this.box));
    };
    const roll = () => {
      const step = y < EDGE_PX * 2 ? -STEP_PX : y > window.innerHeight - EDGE_PX ? STEP_PX : 0;
      if (this.box && step) {
        window.scrollBy(0, step);
        draw();
      }
      this.#frame = requestAnimationFrame(roll);
    };
    const move = (moved: PointerEvent) => {
      [x, y] = [moved.clientX, moved.clientY];
      draw();
    };
    const end = () => {
      cancelAnimationFrame(this.#frame);
      window.removeEventListener('pointermove', move);
      window.removeEventListener('pointerup', end);
      window.removeEventListener('pointercancel', end);
      const wasDrawn = this.box !== null;
      this.box = null;
      done(wasDrawn);
    };
    window.addEventListener('pointermove', move);
    window.addEventListener('pointerup', end);
    window.addEventListener('pointercancel', end);
    this.#frame = requestAnimationFrame(roll);
  }
}

function pointIn(list: HTMLElement, x: number, y: number): { x: number; y: number } {
  const { left, top } = list.getBoundingClientRect();
  return { x: x - left, y: y - top };
}
