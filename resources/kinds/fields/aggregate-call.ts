// Aggregates over events, as windows of Pipelines and Views write them, such as
// `sum(event.data.total)`.
import * as z from 'zod';
import { withMarks } from './marks.ts';
import { identifier } from './names.ts';
import { recordOf } from './record.ts';

const WRONG =
  'This must be one of count(), sum(x), min(x), max(x), avg(x), distinct(x), first(x), last(x), top(x, 10) and percentile(x, 99). Here x is an expression over the event.';

const call = withMarks(
  z
    .string(WRONG)
    .max(1024, WRONG)
    .regex(
      /^(count\(\)|(sum|min|max|avg|distinct|first|last)\([\s\S]+\)|(top|percentile)\([\s\S]+, *[0-9]+(\.[0-9]+)?\))$/,
      WRONG,
    ),
  { expression: { scope: 'window', result: 'any', form: 'aggregates' }, typeName: 'aggregate' },
);

/** Aggregates by the names of their results. */
export function aggregateCalls() {
  return recordOf(identifier(), call, 32);
}
