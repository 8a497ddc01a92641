// What comes out of a pipeline that leaves out what came before.
import type { UseSubject } from '../load/use.ts';
import { dedupeDifferences } from '../model/dedupe.ts';
import { readingId } from '../model/readings.ts';
import type { Check } from './check.ts';
import { appendedOf } from './records.ts';

export function dedupeCheck({ records, mayHaveForgotten }: UseSubject): Check {
  const all = async (topic: string) =>
    (await records.of(topic)).map(appendedOf<{ readonly sensor: string; readonly number: number }>);
  return {
    name: 'what is published twice passes dedupe once',
    differences: async () =>
      dedupeDifferences({
        keyOf: readingId,
        published: await all('readings'),
        passed: await all('unique'),
        mayHaveForgotten,
      }),
  };
}
