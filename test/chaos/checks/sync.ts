// Compares the rows of both sides of a Strangler.
import type { UseSubject } from '../load/use.ts';
import type { Change, Sync } from '../model/sync.ts';
import type { Check } from './check.ts';
import { eventOf } from './records.ts';

export function syncCheck({ records }: UseSubject, sync: Sync): Check {
  return {
    name: 'both sides of a Strangler have the same rows',
    differences: async () =>
      sync.differences(
        (await records.of('changed')).map(record => ({
          ...eventOf<Change>(record).data,
          fromLegacy: record.headers['ce_tenfoldorigin'] !== undefined,
        })),
      ),
  };
}
