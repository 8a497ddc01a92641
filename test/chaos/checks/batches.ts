// What was handled in batches.
import type { UseSubject } from '../load/use.ts';
import type { Batches, EndOfBatch } from '../model/batches.ts';
import type { Check } from './check.ts';
import { eventOf } from './records.ts';

export function batchCheck({ records }: UseSubject, batches: Batches): Check {
  return {
    name: 'batches lose none of their events, and no result',
    async differences() {
      const published = (await records.of('readings')).map(({ headers }) => String(headers['ce_id']));
      const ends = (await records.of('batches-ended')).map(record => eventOf<EndOfBatch>(record).data);
      const none = batches.largest > 1 ? [] : ['no call had more than one event'];
      return [...batches.differences(published, ends), ...none];
    },
  };
}
