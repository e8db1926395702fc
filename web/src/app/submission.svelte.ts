import { asProblem, type ApiProblem } from '../api/problem';

/** One form being sent: busy, what is wrong with it, and what is wrong with each field. */
export class Submission {
  busy = $state(false);
  problem: ApiProblem | null = $state.raw(null);

  get fields(): Readonly<Record<string, string>> {
    return this.problem?.fields ?? {};
  }

  /** The problem as a whole, unless every part of it stands beside a field already. */
  overall(shown: string[]): ApiProblem | null {
    const named = Object.keys(this.fields);
    const allShown = named.length > 0 && named.every((field) => shown.includes(field));
    return allShown ? null : this.problem;
  }

  /** Runs `send` unless it runs already. Returns whether it went well. */
  async run(send: () => Promise<void>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.problem = null;
    try {
      await send();
      return true;
    } catch (thrown) {
      this.problem = asProblem(thrown);
      return false;
    } finally {
      this.busy = false;
    }
  }
}
