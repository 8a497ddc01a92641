// A publisher of events with much data, most of which stand in S3.
import { largeCheck } from '../checks/large.ts';
import { createLarge, largeId } from '../model/large.ts';
import { LARGEST_INLINE } from '../site/wider.ts';
import { eventHeaders } from './readings.ts';
import { each, type Use } from './use.ts';

const EVERY_MS = 1000;

export function largeUse(): Use {
  const large = createLarge(LARGEST_INLINE);
  return {
    handlers: { large: large.handler },
    clients: given => [
      each(given, EVERY_MS, async number => {
        await given.sender.post('/large', large.dataOf(number), eventHeaders(largeId(number), 'Large'));
        large.acknowledged(number);
      }),
    ],
    figures: () => `${large.count} events with large data`,
    checks: subject => [largeCheck(subject, large)],
  };
}
