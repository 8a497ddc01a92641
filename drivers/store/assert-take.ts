// Refuses what cannot be taken from buckets, before anything is sent.
import type { BucketTake } from './buckets.ts';
import { MAX_TAKES } from './buckets.ts';
import { assertName, assertTtl, assertWhole, invalidState } from './limits.ts';

export function assertTakes(takes: readonly BucketTake[]): void {
  assertWhole('The number of buckets', takes.length, 1, MAX_TAKES);
  for (const { bucket, intervalMs, burst, want } of takes) {
    assertName('The bucket', bucket);
    if (!(intervalMs > 0))
      throw invalidState(`Bucket '${bucket}' fills every ${intervalMs} ms; that must be more than none.`);
    assertWhole(`The size of bucket '${bucket}'`, burst, 1, 1e12);
    assertWhole(`The amount wanted of bucket '${bucket}'`, want, 0, 1e12);
    assertTtl(`The time in which bucket '${bucket}' fills`, Math.max(1, intervalMs * burst));
  }
}
