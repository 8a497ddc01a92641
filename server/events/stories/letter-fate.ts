// Finds out what the dead letters of a consumer say of an event: that it was given up, or what a
// person has decided about it since.
import type { DeadLetterDetail } from '../../../admin/commands/dead-letter-view.ts';
import type { ConsumerName } from '../../../admin/consumer-name.ts';
import { toTimestamp } from '../../../core/world.ts';
import type { LetterDecision } from '../../../worker/dispatch/dead-letters/letter-index.ts';
import type { DeadLetterControl } from '../control/dead-letter-control.ts';
import { type Fated, notFound } from './told.ts';

/** The dead letter of one event, and the decisions about it. */
export interface LetterSource {
  /** Undefined where it has no dead letter. */
  letter(): Promise<DeadLetterDetail | undefined>;
  decision(): Promise<LetterDecision | undefined>;
}

export function lettersAbout(
  letters: Pick<DeadLetterControl, 'deadLetter' | 'decision'>,
  consumer: ConsumerName,
  id: string,
): LetterSource {
  return {
    letter: () => letters.deadLetter(consumer, id).catch(notFound),
    decision: () => letters.decision(consumer, id),
  };
}

/** Undefined where nothing says that it was given up. A redriven event is `done` by this alone. */
export async function fateInLetters({ letter, decision }: LetterSource): Promise<Fated | undefined> {
  const given = await letter();
  if (given !== undefined) return fateOfLetter(given);
  const decided = await decision();
  if (decided === undefined) return undefined;
  if (decided.mark === 'purged') return fateOfPurged(decided);
  return { fate: 'done', redriven: decided.generation + 1, redrivenAt: toTimestamp(decided.at) };
}

function fateOfPurged({ at, generation }: LetterDecision): Fated {
  return { fate: 'purged', since: toTimestamp(at), ...(generation === 0 ? {} : { redriven: generation }) };
}

export function fateOfLetter(letter: DeadLetterDetail): Fated {
  const { held, reason, attempts, at, redriven, error, status, cause } = letter;
  return {
    fate: held ? 'held' : 'dead',
    reason,
    attempts,
    since: at,
    ...(redriven === 0 ? {} : { redriven }),
    ...(error === '' ? {} : { error }),
    ...(status === undefined ? {} : { status }),
    ...(cause === undefined ? {} : { cause }),
  };
}
