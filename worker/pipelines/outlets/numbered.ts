// Tells results of one place apart by their order, which is the same whenever they are made again.
import type { Item } from '../flow/item.ts';

export function* numbered(items: readonly Item[]): Generator<{ readonly item: Item; readonly index: number }> {
  let last: number | undefined;
  let index = 0;
  for (const item of items) {
    const { offset } = item.cause.record;
    index = offset === last ? index + 1 : 0;
    last = offset;
    yield { item, index };
  }
}
