// A topic whose partitions are refused has all else that is wanted, whoever refuses them.
import assert from 'node:assert/strict';
import { TenfoldError } from '../../../core/errors.ts';
import type { TopicSettings } from '../../../drivers/event-log/event-log.ts';
import { ensureAsFarAsPossible } from '../../../worker/plan/ensure-rest.ts';

const HOUR_MS = 3_600_000;

/** A log with one topic of so many partitions. It refuses fewer, and settings with this error. */
function logWith(there: number | undefined, refused?: TenfoldError) {
  let kept: TopicSettings | undefined;
  return {
    kept: () => kept,
    bounds: async () => (there === undefined ? undefined : Array.from({ length: there }, () => ({ start: 0, end: 0 }))),
    async ensureTopic(_: string, settings: TopicSettings) {
      if (settings.partitions < (there ?? 0)) throw new TenfoldError('conflict', 'It has more partitions.');
      if (refused) throw refused;
      kept = settings;
    },
  };
}
const wanted = (partitions: number) => ({ name: 'orders', settings: { partitions, retentionMs: 3 * HOUR_MS } });

describe('a topic whose partitions are refused', () => {
  it('keeps its events as long as is wanted where it cannot have fewer', async () => {
    const log = logWith(4);
    const message = 'It has more partitions. All else that the Topic says is in force.';
    await assert.rejects(ensureAsFarAsPossible(log, wanted(3)), { code: 'conflict', message });
    assert.deepEqual(log.kept(), { partitions: 4, retentionMs: 3 * HOUR_MS });
  });

  it('says so where its other settings are refused, too', async () => {
    const message = 'It has more partitions. Its other settings are not in force: No right to alter them.';
    for (const code of ['forbidden', 'conflict', 'log-unavailable'] as const) {
      const log = logWith(4, new TenfoldError(code, 'No right to alter them.'));
      await assert.rejects(ensureAsFarAsPossible(log, wanted(3)), {
        code: 'conflict',
        message,
        hasRest: false,
      });
    }
  });

  it('keeps its refusal where nobody knows how many it has', async () => {
    const log = { ...logWith(4), bounds: () => Promise.reject(new TenfoldError('timeout', 'No answer.')) };
    const message = 'It has more partitions. Its other settings are not in force: No answer.';
    await assert.rejects(ensureAsFarAsPossible(log, wanted(3)), { code: 'conflict', message });
  });
});

describe('a topic whose partitions are not refused', () => {
  it('has all that is wanted', async () => {
    const log = logWith(3);
    await ensureAsFarAsPossible(log, wanted(5));
    assert.deepEqual(log.kept(), { partitions: 5, retentionMs: 3 * HOUR_MS });
  });
});
