// What the judge says of events when all has come to its end: each was handled or is a dead letter,
// and dead letters are what was given up.
import type { Judged } from './judged.ts';

export interface Ends<E> {
  /** So many attempts an event has. */
  readonly attempts: number;
  /** Its dead letter. `attempts`: how many that says there were; left out where nobody says. */
  dead(event: E): { readonly attempts?: number | undefined } | undefined;
  /** Whether its caller may not know any more how an attempt ended that began then. */
  mayForget(event: E, began: number): boolean;
  /** How many budgets it has; of several copies one may be dead. */
  lives(event: E): number;
  /** More about one that is missing, for people. */
  detail?(event: E): string;
}

export function judgeEnds<E extends Judged>(
  events: readonly E[],
  { attempts, dead, mayForget, lives, detail }: Ends<E>,
): readonly string[] {
  const never = events.filter(event => event.attempts === 0 && !dead(event));
  const both = events.filter(
    event => dead(event) && event.last?.succeeded === true && lives(event) === 1 && !mayForget(event, event.last.began),
  );
  const lost = events.filter(event => event.last?.succeeded === false && !dead(event));
  const miscounted = events.flatMap(event => {
    const counted = dead(event)?.attempts;
    return counted === undefined || counted === attempts ? [] : [{ event, counted }];
  });
  return [
    ...never.map(({ name }) => `${name} was never tried`),
    ...both.map(({ name }) => `${name} is dead, and was delivered`),
    ...lost.map(event => `${event.name} was not delivered, and is not among the dead letters${detail?.(event) ?? ''}`),
    ...miscounted.map(({ event, counted }) => `${event.name} is dead after ${counted} attempts of ${attempts}`),
  ];
}
