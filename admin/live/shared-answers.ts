// Keeps the answers that were made from one version of the state of a platform, for all who ask the
// same.
import { isRetryable, TenfoldError } from '../../core/errors.ts';

export interface Made<T> {
  readonly answer: T;
  /** It stays the same for as long as nothing of the platform changes. */
  readonly lasts: boolean;
}

/** Answers of one version that are kept; the oldest go first. */
const ANSWERS_KEPT = 50;

export class SharedAnswers {
  #version = '';
  readonly #made = new Map<string, Promise<Made<unknown>>>();

  /** `key`: the question, and who may see what. */
  of<T>(version: string, key: string, make: () => Promise<Made<T>>): Promise<Made<T>> {
    if (version !== this.#version) this.#made.clear();
    this.#version = version;
    const known = this.#made.get(key) as Promise<Made<T>> | undefined;
    if (known !== undefined) return known;
    const made = make();
    this.#made.set(key, made);
    const forget = () => {
      if (this.#made.get(key) === made) this.#made.delete(key);
    };
    // The refusal of a question stays as well, where asking again would not help.
    made.then(
      ({ lasts }) => lasts || forget(),
      error => (error instanceof TenfoldError && !isRetryable(error)) || forget(),
    );
    const [oldest] = this.#made.keys();
    if (this.#made.size > ANSWERS_KEPT && oldest !== undefined) this.#made.delete(oldest);
    return made;
  }
}
