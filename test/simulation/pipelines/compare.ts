// Compares what a pipeline has published with what a plain model says of the events.
import { fromRecord } from '../../../core/cloudevents/record.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import { modelOf, say, type Variant } from './app.ts';

interface Said {
  readonly id: string;
  readonly window: string;
  readonly what: string;
}

/** Undefined when all is right. */
export function compare(
  variant: Variant,
  clicks: readonly LogRecord[],
  results: readonly LogRecord[],
): string | undefined {
  const byId = new Map<string, Said>();
  for (const record of results) {
    const { id, data } = fromRecord(record);
    const { key, start, end, count, sum, most } = data as Record<string, string>;
    const said = {
      id,
      window: `${key} ${Date.parse(start ?? '')} ${Date.parse(end ?? '')}`,
      what: say(count, sum, most),
    };
    const before = byId.get(id);
    if (before && (before.what !== said.what || before.window !== said.window)) {
      return `${id} says ${before.window}: ${before.what}, and then ${said.window}: ${said.what}`;
    }
    byId.set(id, said);
  }
  const model = modelOf(variant, clicks);
  const found = new Map<string, Said>();
  for (const said of byId.values()) {
    const before = found.get(said.window);
    if (before === undefined || (variant.changes && placeOf(said) > placeOf(before))) found.set(said.window, said);
    else if (!variant.changes) return `two results for ${said.window}: ${before.id}, ${said.id}`;
  }
  for (const window of new Set([...found.keys(), ...model.keys()])) {
    const [is, should] = [found.get(window)?.what, model.get(window)];
    if (is !== should) return `${window} is ${is}\n  and should be ${should}`;
  }
  return undefined;
}

/** Results of changes end with the partition and offset of the last one. */
function placeOf({ id }: Said): number {
  return Number(id.slice(id.lastIndexOf('-') + 1));
}
