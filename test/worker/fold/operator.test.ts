// A stage as an operator: it reads ahead of its work, waits as long as the operator says, stops for
// the reason that it gives, and ends its reading whatever happens.
import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { OFFSETS_PER_EPOCH } from '../../../drivers/event-log/epochs.ts';
import type { EventLog, GroupOptions, LogRecord, ReadBatch, ReadLimits } from '../../../drivers/event-log/event-log.ts';
import { type Operator, type OperatorOptions, startOperator } from '../../../worker/fold/operator.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';

const recordAt = (offset: number): LogRecord => ({
  offset,
  timestamp: 0,
  key: null,
  value: new Uint8Array(0),
  headers: {},
});
const batchOf = (offsets: readonly number[], next: number, { start = 0, end = next } = {}): ReadBatch => ({
  records: offsets.map(recordAt),
  next,
  bounds: { start, end },
});

/** A partition whose batches a test gives one by one. */
function createPartition(seen: string[]) {
  const lost = new AbortController();
  const given: (ReadBatch | Error)[] = [];
  let wake = () => {};
  const asked: ReadLimits[] = [];
  const give = (...batches: readonly (ReadBatch | Error)[]) => {
    given.push(...batches);
    wake();
  };
  const owned = {
    partition: 3,
    lost: lost.signal,
    open(topic: string, from: number) {
      seen.push(`opens ${topic} at ${from}`);
      return {
        async next(limits: ReadLimits, signal: AbortSignal) {
          asked.push(limits);
          seen.push('reads');
          while (given.length === 0) {
            const more = Promise.withResolvers<void>();
            wake = more.resolve;
            signal.addEventListener('abort', () => more.reject(signal.reason), { once: true });
            await more.promise;
          }
          const batch = given.shift();
          if (batch === undefined || batch instanceof Error) throw batch ?? new Error('nothing');
          return batch;
        },
        close: () => seen.push('closes the reader'),
      };
    },
  };
  return { owned, lost, give, asked };
}

async function setUp({
  start,
  ...some
}: Partial<Operator> & { start?: OperatorOptions['start']; limits?: ReadLimits } = {}) {
  const { limits, ...operator } = some;
  const seen: string[] = [];
  const { owned, lost, give, asked } = createPartition(seen);
  const world = createFakeWorld(0);
  let assigned: GroupOptions['assigned'] = () => {};
  const log: Pick<EventLog, 'bounds' | 'join'> = {
    bounds: async topic => (topic === 't' ? [] : undefined),
    async join(options) {
      assigned = options.assigned;
      return { leave: async () => void seen.push('leaves') };
    },
  };
  const options: OperatorOptions = {
    ...{ world, log, group: 'g', topic: 't', limits },
    observer: {
      trouble: (partition, error) =>
        seen.push(`trouble ${partition}: ${error instanceof Error ? error.message : error}`),
      superseded: (partition, why) => seen.push(`superseded ${partition}: ${why}`),
      jumped: (_, from, to) => seen.push(`jumps ${from}-${to}`),
      refused() {},
    },
    start:
      start ??
      (async () => ({
        from: 5,
        patienceMs: () => 100,
        records: async ({ records }) => void seen.push(`takes ${records.map(({ offset }) => offset).join(' ')}`),
        idle: async () => void seen.push('is idle'),
        close: () => seen.push('closes'),
        ...operator,
      })),
  };
  const stage = await startOperator(options);
  assigned(owned as unknown as Parameters<GroupOptions['assigned']>[0]);
  const settled = async () => {
    for (let turn = 0; turn < 5; turn++) await setImmediate();
    return seen.splice(0);
  };
  return { world, stage, lost, give, asked, settled };
}

describe('an operator', () => {
  it('needs its topic', async () => {
    const log = { bounds: async () => undefined, join: async () => assert.fail('joins') };
    const options = { world: createFakeWorld(), log, group: 'g', topic: 'x' } as unknown as OperatorOptions;
    await assert.rejects(startOperator(options), { code: 'not-found', message: 'g: there is no topic x in the log' });
  });

  it('takes batch after batch, and reads the next one meanwhile', async () => {
    const working = Promise.withResolvers<undefined>();
    const taken: number[] = [];
    const { give, settled, stage, asked } = await setUp({
      records: async ({ next }) => {
        taken.push(next);
        return working.promise;
      },
    });
    assert.deepEqual(await settled(), ['opens t at 5', 'reads']);
    assert.deepEqual([stage.partitions[0]?.position, stage.partitions[0]?.end], [5, undefined]);
    give(batchOf([5, 6], 7, { end: 9 }), batchOf([7], 8));
    assert.deepEqual([await settled(), taken, stage.partitions[0]?.end], [['reads', 'reads'], [7], 8]);
    working.resolve(undefined);
    await settled();
    assert.deepEqual(taken, [7, 8]);
    assert.deepEqual(asked[0], { maxRecords: 1000, maxBytes: 4_194_304 });
    await stage.close(0);
  });

  it('reads from the first record where it has no position, in batches of its own size', async () => {
    const { settled, stage, asked, give } = await setUp({ from: undefined, limits: { maxRecords: 7, maxBytes: 9 } });
    assert.deepEqual(await settled(), ['opens t at 0', 'reads']);
    assert.equal(stage.partitions[0]?.position, 0);
    assert.deepEqual(asked, [{ maxRecords: 7, maxBytes: 9 }]);
    // It has lost nothing of what it never read.
    give(batchOf([4], 5, { start: 4 }));
    assert.deepEqual(await settled(), ['reads', 'takes 4']);
    assert.equal(stage.totals.jumped, 0);
    await stage.close(0);
  });

  it('is idle each time that nothing comes for as long as it waits', async () => {
    const { world, give, settled, stage } = await setUp();
    await settled();
    await world.pass(99);
    assert.deepEqual(await settled(), []);
    await world.pass(1);
    assert.deepEqual(await settled(), ['is idle']);
    await world.pass(50);
    give(batchOf([5], 6));
    assert.deepEqual(await settled(), ['reads', 'takes 5']);
    await world.pass(99);
    assert.deepEqual(await settled(), []);
    await world.pass(1);
    assert.deepEqual(await settled(), ['is idle']);
    await stage.close(0);
    assert.deepEqual((await settled()).sort(), ['closes', 'closes the reader', 'leaves']);
  });

  it('stops for the reason that its work gives, ends its reading, and begins again', async () => {
    const { world, give, settled, stage } = await setUp({ records: async () => 'moved' });
    await settled();
    give(batchOf([5], 6));
    assert.deepEqual((await settled()).sort(), ['closes', 'closes the reader', 'reads', 'superseded 3: moved']);
    assert.equal(stage.partitions[0]?.trouble, 'moved');
    await world.pass(60_000);
    assert.deepEqual((await settled()).slice(0, 2), ['opens t at 5', 'reads']);
    await stage.close(0);
  });

  it('stops for the reason that its idle time gives', async () => {
    const { world, settled, stage } = await setUp({ idle: async () => 'moved' });
    await settled();
    await world.pass(100);
    assert.deepEqual((await settled()).sort(), ['closes', 'closes the reader', 'superseded 3: moved']);
    await stage.close(0);
  });

  it('stops before it begins where it knows the reason already', async () => {
    const { settled, stage } = await setUp({ start: async () => 'too late' });
    assert.deepEqual(await settled(), ['superseded 3: too late']);
    await stage.close(0);
  });

  it('tells of a failure of the log, and begins again', async () => {
    const { give, settled, stage } = await setUp({ close: undefined as never });
    await settled();
    give(new Error('the log is away'));
    assert.deepEqual(await settled(), ['closes the reader', 'trouble 3: the log is away']);
    await stage.close(0);
  });

  it('tells of state that could not be loaded', async () => {
    const start = async () => {
      throw new Error('the store is away');
    };
    const { settled, stage } = await setUp({ start });
    assert.deepEqual(await settled(), ['trouble 3: the store is away']);
    await stage.close(0);
  });

  it('does not begin where the partition was lost while its state was loaded', async () => {
    const loading = Promise.withResolvers<void>();
    const closed: string[] = [];
    const { settled, stage, lost } = await setUp({
      start: async () => {
        await loading.promise;
        return {
          ...{ from: 5, patienceMs: () => 100, records: () => assert.fail(), idle: () => assert.fail() },
          close: () => closed.push('closes'),
        };
      },
    });
    lost.abort(new Error('lost'));
    loading.resolve();
    assert.deepEqual([await settled(), closed], [[], ['closes']]);
    assert.deepEqual(stage.partitions, []);
  });

  it('ends with its partition, and during a wait', async () => {
    const { settled, stage, lost, give } = await setUp();
    await settled();
    lost.abort(new Error('lost'));
    assert.deepEqual((await settled()).sort(), ['closes', 'closes the reader']);
    assert.deepEqual(stage.partitions, []);
    give(batchOf([5], 6));
    assert.deepEqual(await settled(), []);
  });
});

describe('records that were deleted before an operator read them', () => {
  it('are counted and told: up to the first that there is', async () => {
    const { give, settled, stage } = await setUp();
    await settled();
    give(batchOf([8], 9, { start: 8 }));
    assert.deepEqual(await settled(), ['jumps 5-8', 'reads', 'takes 8']);
    give(batchOf([], 12, { start: 12 }));
    assert.deepEqual(await settled(), ['jumps 9-12', 'reads', 'takes ']);
    assert.equal(stage.totals.jumped, 6);
    await stage.close(0);
  });

  it('are none where they were read before, or never were', async () => {
    const { give, settled, stage } = await setUp();
    await settled();
    // Those from 5 on were read, and deleted since. Nothing ever was at 6.
    give(batchOf([5], 6, { start: 6 }), batchOf([7], 8, { start: 6 }), batchOf([8], 9, { start: 100 }));
    const taken = (await settled()).filter(each => each !== 'reads');
    assert.deepEqual(taken, ['takes 5', 'takes 7', 'takes 8']);
    assert.equal(stage.totals.jumped, 0);
    await stage.close(0);
  });

  it('are those of the former topic where it was made again', async () => {
    const { give, settled, stage } = await setUp();
    await settled();
    give(batchOf([OFFSETS_PER_EPOCH], OFFSETS_PER_EPOCH + 1, { start: OFFSETS_PER_EPOCH }));
    const [jumped] = await settled();
    assert.equal(jumped, `jumps 5-${OFFSETS_PER_EPOCH}`);
    await stage.close(0);
  });
});

describe('the end of a stage', () => {
  it('waits for the work under way, for as long as it may', async () => {
    const working = Promise.withResolvers<undefined>();
    const parts = await setUp({ records: () => working.promise });
    parts.give(batchOf([5], 6));
    await parts.settled();
    const closed = parts.stage.close(1_000);
    assert.deepEqual((await parts.settled()).includes('leaves'), false);
    working.resolve(undefined);
    await closed;
    const slow = await setUp({ records: () => new Promise(() => {}) });
    slow.give(batchOf([5], 6));
    await slow.settled();
    let isClosed = false;
    void slow.stage.close(1_000).then(() => {
      isClosed = true;
    });
    await slow.world.pass(999);
    await slow.settled();
    assert.equal(isClosed, false);
    await slow.world.pass(1);
    await slow.settled();
    assert.equal(isClosed, true);
  });
});
