// Numbers the results of one place in their order, which is the same whenever they are made again.
import type { FlowItem } from '../flow/item.ts';

export function* numbered(items: readonly FlowItem[]): Generator<{ readonly item: FlowItem; readonly index: number }> {
  let last: number | undefined;
  let lastBase = 0;
  let index = 0;
  for (const item of items) {
    const { record, base = 0 } = item.cause;
    index = record.offset === last && base === lastBase ? index + 1 : base;
    last = record.offset;
    lastBase = base;
    yield { item, index };
  }
}
