// The events that publishers send.

export interface ChaosEvent {
  /** Of the key and the number. */
  readonly id: string;
  readonly key: string;
  /** From 1 on, within the key. */
  readonly number: number;
}

export const idOf = (key: string, number: number): string => `${key}-${number}`;

/**
 * Every so many of them fails each time in `bounded`: of all keys at about the same time, so that
 * each has a poisoned event at its head.
 */
const POISON_EVERY = 25;

export const isPoison = ({ number }: Pick<ChaosEvent, 'number'>): boolean => number % POISON_EVERY === 0;
