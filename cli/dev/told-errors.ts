// Sees to it that a developer reads an error whole once, and not again with each attempt at its
// event and with each line of the platform about it.
import { errorCodes } from '../../core/errors.ts';
import type { LogLine } from '../log-line.ts';

const MOST_KEPT = 1_000;

export class ToldErrors {
  /** In the order in which they were told. */
  readonly #told = new Set<string>();

  /** Whether an earlier attempt of a function at the same event has told the same error. */
  isAgain(name: string, { fields, stack }: Pick<LogLine, 'fields' | 'stack'>): boolean {
    const { consumer, event } = fields;
    // Each request has an error of its own.
    if (stack === undefined || consumer === undefined) return false;
    const error = JSON.stringify([name, consumer, event, stack]);
    if (this.#told.has(error)) return true;
    this.#told.add(error);
    const [oldest] = this.#told;
    if (this.#told.size > MOST_KEPT && oldest !== undefined) this.#told.delete(oldest);
    return false;
  }
}

/** The fields of a line of the platform, without those that the function tells at more length. */
export function withoutTold(fields: LogLine['fields']): LogLine['fields'] {
  if (fields['cause'] === undefined) return fields;
  const { error, status: _, cause, ...rest } = fields;
  // A function logs what it did not throw on purpose.
  return error === errorCodes.internal.title ? rest : { ...rest, cause };
}
