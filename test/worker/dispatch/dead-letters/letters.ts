// Dead letters of a harness, as a person at a console sees them.
import { createDeadLetters, type DeadLetters } from '../../../../worker/dispatch/dead-letters/dead-letters.ts';
import { SimulatedLog } from '../../../simulation/log/simulated-log.ts';
import { fail, type Harness } from '../harness.ts';

/** An event that is answered so is given up at once. */
export const final = fail({ retryable: false, error: { status: 400, message: 'bad' } });

export function lettersOf(harness: Harness): DeadLetters & { drive<T>(work: Promise<T>): Promise<T> } {
  const process = harness.simulation.process('console');
  const letters = createDeadLetters(process.world, new SimulatedLog(harness.broker, process), 'g');
  return Object.assign(letters, { drive: <T>(work: Promise<T>) => harness.simulation.drive(work) });
}

/** `<id>/<generation>`, and whether its key waits. */
export async function idsOf(letters: ReturnType<typeof lettersOf>): Promise<string[]> {
  const page = await letters.drive(letters.list({}, 1000));
  return page.letters.map(({ id, generation, held }) => `${id}/${generation}${held ? ' held' : ''}`);
}
