// Combines many requests: one is under way, and all that arrive meanwhile go with the next, so that
// a crowd does not keep brokers from their work.

interface Waiting<Item, Answer> {
  readonly item: Item;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

export class Batcher<Item, Answer> {
  readonly #ask: (items: readonly Item[]) => Promise<readonly Answer[]>;
  readonly #max: number;
  #waiting: Waiting<Item, Answer>[] = [];
  #isUnderWay = false;

  /** `ask` answers for each item, in their order; at most `max` at once. */
  constructor(max: number, ask: (items: readonly Item[]) => Promise<readonly Answer[]>) {
    this.#max = max;
    this.#ask = ask;
  }

  add(item: Item): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (!this.#isUnderWay) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#isUnderWay = true;
    // Requests that arrive in this turn of the loop go along.
    await undefined;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.#max);
      try {
        const answers = await this.#ask(batch.map(({ item }) => item));
        for (const [index, { resolve, reject }] of batch.entries()) {
          const answer = answers[index];
          if (answer === undefined) reject(new Error('There is no answer for it.'));
          else resolve(answer);
        }
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#isUnderWay = false;
  }
}
