import { asProblem } from '../../api/problem';
import { toasts } from '../../app/toasts.svelte';

/** Does something; what the house says against it is shown. Returns whether it went well. */
export async function attempt(act: () => Promise<unknown>, done?: string): Promise<boolean> {
  try {
    await act();
    if (done) toasts.show(done, 'good');
    return true;
  } catch (thrown) {
    toasts.show(asProblem(thrown).message, 'bad');
    return false;
  }
}
