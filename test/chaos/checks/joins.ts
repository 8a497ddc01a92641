// What a join has added to each event.
import type { UseSubject } from '../load/use.ts';
import { type Joined, joinDifferences, type Price } from '../model/joins.ts';
import type { Reading } from '../model/readings.ts';
import type { Check } from './check.ts';
import { appendedOf } from './records.ts';

export function joinCheck({ records }: UseSubject, probes: ReadonlyMap<string, number>): Check {
  return {
    name: 'joins add a row as it was',
    differences: async () =>
      joinDifferences({
        readings: (await records.of('readings')).map(appendedOf<Reading>),
        prices: (await records.of('prices')).map(appendedOf<Price>),
        joined: (await records.of('joined')).map(appendedOf<Joined>),
        probes,
      }),
  };
}
