// The windows of two pipelines, one that counts where the events are and one that brings them
// together by another key, against what was published.
import type { UseSubject } from '../load/use.ts';
import type { Reading } from '../model/readings.ts';
import { type WindowResult, windowDifferences } from '../model/windows.ts';
import { BY_KIND, BY_SENSOR, type WindowRule } from '../site/wider.ts';
import type { Check } from './check.ts';
import { deadLettersOf } from './dead-letters.ts';
import { appendedOf } from './records.ts';

export function windowChecks({ site, records }: UseSubject): Check[] {
  const check = (
    pipeline: string,
    rule: WindowRule,
    keyOf: (reading: Reading) => string,
    late: () => Promise<readonly string[]>,
  ): Check => ({
    name: `the windows of ${pipeline} are what their events say`,
    async differences() {
      const lateOnes = await late();
      const none = lateOnes.length > 0 ? [] : ['no reading was late'];
      const differences = windowDifferences({
        rule,
        keyOf,
        results: (await records.of(pipeline)).map(appendedOf<WindowResult>),
        late: lateOnes,
        readings: (await records.of('readings')).map(appendedOf<Reading>),
      });
      return [...differences, ...none];
    },
  });
  return [
    check(
      'by-sensor',
      BY_SENSOR,
      ({ sensor }) => sensor,
      async () => (await records.of('late-by-sensor')).map(record => appendedOf(record).id),
    ),
    check(
      'by-kind',
      BY_KIND,
      ({ kind }) => kind,
      async () =>
        (await deadLettersOf(site, { kind: 'Pipeline', name: 'by-kind' })).flatMap(({ eventId, reason }) =>
          reason === 'late' ? [eventId] : [`${eventId} (${reason})`],
        ),
    ),
  ];
}
