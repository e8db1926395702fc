/** What somebody decides when a name is taken. */
export type Decision = 'replace' | 'rename' | 'skip';

export interface Question {
  name: string;
  /** The folder where the name is taken; `null` when it is not known. */
  folder: string | null;
  kind: 'upload' | 'move' | 'copy' | 'restore';
  /** Whether more of the same act may meet the same question. */
  isOneOfMany: boolean;
}

interface Asked extends Question {
  batch: Batch;
  answer: (decision: Decision) => void;
}

/** Things that are done together: one answer may hold for all of them. */
export class Batch {
  decision: Decision | null = null;
}

/** The questions that wait for an answer, one at a time on the screen. */
class Questions {
  #waiting: Asked[] = $state.raw([]);

  get current(): Question | null {
    return this.#waiting[0] ?? null;
  }

  ask(question: Question, batch: Batch): Promise<Decision> {
    if (batch.decision) return Promise.resolve(batch.decision);
    return new Promise((answer) => {
      this.#waiting = [...this.#waiting, { ...question, batch, answer }];
    });
  }

  answer(decision: Decision, isForAll: boolean): void {
    const [first, ...rest] = this.#waiting;
    if (!first) return;
    if (isForAll) first.batch.decision = decision;
    const settled = isForAll ? rest.filter(({ batch }) => batch === first.batch) : [];
    this.#waiting = rest.filter((asked) => !settled.includes(asked));
    for (const asked of [first, ...settled]) asked.answer(decision);
  }
}

export const questions = new Questions();
