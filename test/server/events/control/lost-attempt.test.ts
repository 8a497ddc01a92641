// The newest take-over of a partition is found from the end of its parking log, and no list reads a
// long one whole for it.
import assert from 'node:assert/strict';
import { TenfoldError } from '../../../../core/errors.ts';
import type { JobRow } from '../../../../core/jobs/job-row.ts';
import { queueGroupOf } from '../../../../core/names.ts';
import { realWorld, type World } from '../../../../core/world.ts';
import type { LogRecord, ReadLimits } from '../../../../drivers/event-log/event-log.ts';
import { createLostAttempts, createTakeOvers } from '../../../../server/events/control/lost-attempt.ts';
import { encodeParkingLogRecord } from '../../../../worker/parking-log/parking-log-codec.ts';

interface SteppedWorld extends World {
  ms: number;
}

const OF = { namespace: 'default', name: 'imports', partition: 0 };
const RECORDS = 200_000;
const SIZE = 20_000;
const filler = { key: null, value: Buffer.alloc(SIZE), headers: {} };
const claim = encodeParkingLogRecord({ type: 'claim', nonce: 'a' }, 0);

/** A parking log with claims at these offsets. */
function logWith(claims: readonly number[], end = RECORDS) {
  const read = { calls: 0, bytes: 0, end, mark: 'parked=1 claim=0' };
  const at = (offset: number): LogRecord => ({
    ...(claims.includes(offset) ? claim : filler),
    offset,
    timestamp: 1_000 + offset,
  });
  return {
    read,
    log: {
      bounds: async () => [{ start: 0, end: read.end }],
      positions: async (group: string) => {
        assert.equal(group, queueGroupOf('default', 'imports'));
        return [{ offset: 0, metadata: `v1 by=0 ${read.mark} seq=1 top=0 holes=` }];
      },
      async read(_topic: string, _partition: number, from: number, { maxRecords, maxBytes }: ReadLimits) {
        const count = Math.min(maxRecords, Math.max(1, Math.floor(maxBytes / SIZE)), read.end - from);
        const records = Array.from({ length: count }, (_, index) => at(from + index));
        read.calls++;
        read.bytes += count * SIZE;
        return { records, next: from + count, bounds: { start: 0, end: read.end } };
      },
    },
  };
}

describe('the newest take-over of a partition', () => {
  it('is found near the end of a long parking log by reading that alone', async () => {
    const { log, read } = logWith([0, 5, RECORDS - 1_500, RECORDS - 300]);
    assert.equal(await createTakeOvers(log)(OF), 1_000 + RECORDS - 300);
    assert.ok(read.bytes <= 2_000 * SIZE, `${read.bytes} bytes`);
  });

  it('is not known where it stands far back, and little is read for that', async () => {
    const { log, read } = logWith([0]);
    assert.equal(await createTakeOvers(log)(OF), undefined);
    assert.ok(read.bytes <= 24 << 20, `${read.bytes} bytes`);
  });
});

describe('lost attempts at an endpoint that many ask', () => {
  const BEGUN = 1_000;
  const row: JobRow = { state: 'running', attempts: 1, acceptedAt: 0, startedAt: BEGUN, owner: '' };
  const clockAt = (ms: number): SteppedWorld => {
    const world = { ...realWorld, ms, now: () => world.ms, monotonic: () => world.ms };
    return world;
  };

  it('are read once, and then only what is new', async () => {
    const claims = [0];
    const { log, read } = logWith(claims, RECORDS - 1_000);
    const world = clockAt(BEGUN + 60_000);
    const lostAttemptAt = createLostAttempts(world, log);
    assert.deepEqual(
      await Promise.all(Array.from({ length: 20 }, () => lostAttemptAt(row, OF))),
      Array(20).fill(undefined),
    );
    const { bytes } = read;
    assert.ok(bytes <= 24 << 20, `${bytes} bytes`);
    claims.push(RECORDS - 1_000 + 7);
    read.end += 10;
    assert.equal(await lostAttemptAt(row, OF), undefined);
    world.ms += 3_000;
    assert.equal(await lostAttemptAt(row, OF), 1_000 + RECORDS - 1_000 + 7);
    world.ms += 3_000;
    assert.equal(await lostAttemptAt(row, OF), 1_000 + RECORDS - 1_000 + 7);
    assert.ok(read.bytes - bytes <= 10 * SIZE, `${read.bytes - bytes} bytes more`);
  });

  it('find the claim of an owner whose first commit stands behind it', async () => {
    const claims = [0];
    const { log, read } = logWith(claims, 1);
    const world = clockAt(BEGUN + 60_000);
    const lostAttemptAt = createLostAttempts(world, log);
    const answers = [await lostAttemptAt(row, OF)];
    claims.push(20_000);
    read.end = 20_001;
    read.mark = 'parked=20001 claim=20000';
    for (let asked = 0; asked < 2; asked++) {
      world.ms += 5_000;
      answers.push(await lostAttemptAt(row, OF));
    }
    assert.deepEqual(answers, [undefined, 21_000, 21_000]);
  });

  it('remember a claim that was found where much was written since', async () => {
    const { log, read } = logWith([0, 20_000], 20_001);
    const world = clockAt(BEGUN + 60_000);
    const lostAttemptAt = createLostAttempts(world, log);
    const before = await lostAttemptAt(row, OF);
    read.end = RECORDS;
    world.ms += 5_000;
    assert.deepEqual([before, await lostAttemptAt(row, OF)], [21_000, 21_000]);
  });

  it('ask nothing of an attempt for which no claim would count yet', async () => {
    const { log, read } = logWith([0]);
    assert.equal(await createLostAttempts(clockAt(BEGUN + 10_000), log)(row, OF), undefined);
    assert.equal(read.calls, 0);
  });

  it('leave the word to the row while the log does not answer, and ask it once', async () => {
    let asked = 0;
    const silent = () => {
      asked++;
      return new Promise<never>(() => {});
    };
    const world = { ...clockAt(BEGUN + 60_000), after: (_: number, end: () => void) => realWorld.after(0, end) };
    const lostAttemptAt = createLostAttempts(world, { bounds: silent, positions: silent, read: silent });
    assert.equal(await lostAttemptAt(row, OF), undefined);
    const before = asked;
    world.monotonic = () => 1e9;
    assert.equal(await lostAttemptAt(row, OF), undefined);
    assert.equal(asked, before);
  });

  it('leave the word to the row where the log fails', async () => {
    const fails = () => Promise.reject(new TenfoldError('log-unavailable', 'It is away.'));
    const lostAttemptAt = createLostAttempts(clockAt(BEGUN + 60_000), { bounds: fails, positions: fails, read: fails });
    assert.equal(await lostAttemptAt(row, OF), undefined);
  });
});
