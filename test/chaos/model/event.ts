// The events that publishers send.

export interface ChaosEvent {
  /** Of the key and the number. */
  readonly id: string;
  readonly key: string;
  /** From 1 on, within the key. */
  readonly number: number;
}

export const idOf = (key: string, number: number): string => `${key}-${number}`;

/** Every so many of them fails each time in `bounded`. */
const POISON_EVERY = 25;
/** Between one key and the next: where many keys fail together, their caller takes it for a fault of the function and counts no attempts. */
const POISON_APART = 3;

/** Keys end with their numbers. */
export const isPoison = ({ key, number }: Pick<ChaosEvent, 'key' | 'number'>): boolean =>
  (number + POISON_APART * Number(/\d*$/.exec(key)?.[0])) % POISON_EVERY === 0;
