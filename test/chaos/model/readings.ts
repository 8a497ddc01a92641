// The readings that sensors publish, some of them twice, and what pipelines and views make of them.

export interface Reading {
  readonly sensor: string;
  /** From 1 on, within the sensor. */
  readonly number: number;
  readonly value: number;
  readonly kind: string;
  readonly item: string;
  /** When it happened, RFC 3339. */
  readonly at: string;
}

export const readingId = ({ sensor, number }: Pick<Reading, 'sensor' | 'number'>): string => `${sensor}-${number}`;

/** What one sensor says at a moment. */
export function readingOf(sensor: string, number: number, at: Date): Reading {
  return {
    sensor,
    number,
    value: (number * 7) % 13,
    kind: `kind-${number % 3}`,
    item: `item-${number % 4}`,
    at: at.toISOString(),
  };
}

/** As it is in the log. */
export interface Appended<Data> {
  readonly id: string;
  readonly data: Data;
  /** By the log's clock, milliseconds since 1970. */
  readonly timestamp: number;
}

/** The first of each that was published more than once. */
export function firstCopies<Data>(all: readonly Appended<Data>[]): readonly Appended<Data>[] {
  const first = new Map<string, Appended<Data>>();
  for (const each of all) {
    const known = first.get(each.id);
    if (!known || each.timestamp < known.timestamp) first.set(each.id, each);
  }
  return [...first.values()];
}
