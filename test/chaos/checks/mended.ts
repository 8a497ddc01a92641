// What became of events that were given up and redriven, by their Subscription.
import type { UseSubject } from '../load/use.ts';
import type { Mended } from '../model/mended.ts';
import type { Check } from './check.ts';
import { type Consumer, deadLettersOf } from './dead-letters.ts';

export function mendedCheck({ site, records }: UseSubject, consumer: Consumer, mended: Mended): Check {
  return {
    name: `what was redriven of ${consumer.name} is delivered or dead again, in order`,
    async differences() {
      const partitions = (await records.byPartition('readings')).map(each =>
        each.map(({ headers }) => String(headers['ce_id'])),
      );
      const dead = (await deadLettersOf(site, consumer)).map(({ eventId }) => eventId);
      return [...mended.differences(partitions.flat(), dead), ...mended.outOfOrder(partitions)];
    },
  };
}
