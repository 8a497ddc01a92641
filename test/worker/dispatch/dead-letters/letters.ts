// Dead letters of a harness, as a person at a console sees them.
import type { DeadLetters } from '../../../../worker/dispatch/dead-letters/dead-letter-options.ts';
import { createDeadLetters } from '../../../../worker/dispatch/dead-letters/dead-letters.ts';
import type { DeadLetter } from '../../../../worker/dispatch/settings.ts';
import { SimulatedLog } from '../../../simulation/log/simulated-log.ts';
import { fail, type Harness } from '../harness.ts';

/** An event that is answered so is given up at once. */
export const final = fail({ retryable: false, error: { status: 400, message: 'bad' } });

/** `source`: orders wait until it is known whether another one overtook them. */
export function lettersOf(
  harness: Harness,
  { source, name = 'console' }: { readonly source?: string; readonly name?: string } = {},
): DeadLetters & { drive<T>(work: Promise<T>): Promise<T> } {
  const process = harness.simulation.process(name);
  const letters = createDeadLetters(process.world, new SimulatedLog(harness.broker, process), 'g', { source });
  return Object.assign(letters, { drive: <T>(work: Promise<T>) => harness.simulation.drive(work) });
}

/** `<id>/<generation>`, and whether its key waits. */
export async function idsOf(letters: ReturnType<typeof lettersOf>): Promise<string[]> {
  const page = await letters.drive(letters.list({}, 1000));
  return page.letters.map(({ id, generation, held }) => `${id}/${generation}${held ? ' held' : ''}`);
}

export function letterOf(partition: number, offset: number, more: Partial<DeadLetter> = {}): DeadLetter {
  const record = { key: `k${offset % 7}`, value: new Uint8Array(0), headers: {}, offset, timestamp: 1 };
  const rest = { generation: 0, error: undefined, attempts: 1, at: offset, held: false } as const;
  return { partition, offset, record, reason: 'exhausted', ...rest, ...more };
}
