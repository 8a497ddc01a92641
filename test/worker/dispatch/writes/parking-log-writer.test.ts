// How an owner's records come to its parking log: in their order, again while it is not known
// whether they arrived, and under the claim that holds.
import assert from 'node:assert/strict';
import type { NewRecord } from '../../../../drivers/event-log/event-log.ts';
import { ParkingLogWriter } from '../../../../worker/dispatch/writes/parking-log-writer.ts';
import { decodeParkingLogRecord } from '../../../../worker/parking-log/parking-log-codec.ts';
import { createFakeWorld } from '../../../fakes/fake-world.ts';

class Writing {
  readonly world = createFakeWorld();
  readonly controller = new AbortController();
  /** Each append: claim, sequence number and event of each of its records. */
  readonly appends: string[] = [];
  readonly applied: number[] = [];
  readonly trouble: unknown[] = [];
  /** In place of the log. */
  answer: () => Promise<void> = async () => {};
  readonly writer = new ParkingLogWriter({
    world: this.world,
    log: {
      append: async (topic: string, records: readonly NewRecord[]) => {
        assert.equal(topic, 'parking-log');
        this.appends.push(records.map(shown).join(' '));
        await this.answer();
        return [];
      },
    },
    topic: 'parking-log',
    partition: 4,
    claim: 7,
    signal: this.controller.signal,
    trouble: error => this.trouble.push(error),
  });

  write(...events: readonly number[]): void {
    for (const event of events) this.writer.write({ type: 'done', event }, () => this.applied.push(event));
  }

  pass(ms = 0): Promise<void> {
    return this.world.pass(ms);
  }
}

function shown({ value, partition, headers, key }: NewRecord): string {
  assert.equal(partition, 4);
  const record = decodeParkingLogRecord({ offset: 0, timestamp: 0, key, value, headers });
  return record && 'seq' in record && 'event' in record ? `${record.claim}.${record.seq}:${record.event}` : '?';
}

/** An answer that comes when a test says so. */
function held() {
  const waiting: (() => void)[] = [];
  return { answer: () => new Promise<void>(resolve => waiting.push(resolve)), come: () => waiting.shift()?.() };
}

/** Whether it has resolved. */
async function hasEnded(promise: Promise<unknown>, writing: Writing): Promise<boolean> {
  let ended = false;
  void promise.then(() => {
    ended = true;
  });
  await writing.pass();
  return ended;
}

describe('records of an owner', () => {
  it('are appended as they come, together where one is on its way, and count when they are read back', async () => {
    const writing = new Writing();
    const { answer, come } = held();
    writing.answer = answer;
    writing.write(1, 2, 3);
    await writing.pass();
    assert.deepEqual(writing.appends, ['7.1:1']);
    come();
    await writing.pass();
    assert.deepEqual(writing.appends, ['7.1:1', '7.2:2 7.3:3']);
    assert.deepEqual([writing.applied, writing.writer.pending], [[], 3]);
    come();
    for (let time = 0; time < 3; time++) writing.writer.readBack();
    assert.deepEqual([writing.applied, writing.writer.pending], [[1, 2, 3], 0]);
    writing.write(4);
    await writing.pass();
    assert.equal(writing.appends.at(-1), '7.4:4');
  });

  it('that come back before the answer are not appended again, and those behind them go on', async () => {
    const writing = new Writing();
    const { answer, come } = held();
    writing.answer = answer;
    writing.write(1);
    await writing.pass();
    writing.write(2);
    writing.writer.readBack();
    come();
    await writing.pass();
    assert.deepEqual(writing.appends, ['7.1:1', '7.2:2']);
  });

  it('go five hundred at a time', async () => {
    const writing = new Writing();
    const { answer, come } = held();
    writing.answer = answer;
    writing.write(0);
    writing.write(...Array.from({ length: 600 }, (_, event) => event + 1));
    for (let time = 0; time < 3; time++) {
      await writing.pass();
      come();
    }
    await writing.pass();
    assert.deepEqual(
      writing.appends.map(text => text.split(' ').length),
      [1, 500, 100],
    );
  });

  it('are appended again where that failed, all that has not come back, with longer pauses and as what they were', async () => {
    const writing = new Writing();
    writing.answer = () => Promise.reject(new Error('no'));
    writing.write(1);
    await writing.pass();
    writing.write(2);
    const times: number[] = [];
    for (let ms = 0; ms < 20_000; ms++) {
      const before = writing.appends.length;
      await writing.pass(1);
      if (writing.appends.length > before) times.push(ms + 1);
    }
    // Three quarters of 50 ms, doubled each time, of five seconds at most.
    assert.deepEqual(times.slice(0, 4), [38, 113, 263, 563]);
    const [last = 0, before = 0] = [times.at(-1), times.at(-2)];
    assert.equal(last - before, 3750);
    assert.equal(writing.appends[1], '7.1:1 7.2:2');
    assert.equal(writing.trouble.length, writing.appends.length);
    writing.writer.readBack();
    writing.answer = async () => {};
    await writing.pass(4_000);
    assert.equal(writing.appends.at(-1), '7.2:2');
    writing.answer = () => Promise.reject(new Error('no'));
    writing.write(3);
    await writing.pass();
    const count = writing.appends.length;
    await writing.pass(38);
    assert.equal(writing.appends.length, count + 1, 'the first pause is short again');
  });

  it('are not appended any more once their owner ends', async () => {
    const writing = new Writing();
    writing.answer = () => Promise.reject(new Error('no'));
    writing.write(1);
    await writing.pass();
    writing.controller.abort();
    await writing.pass(60_000);
    writing.write(2);
    await writing.pass(60_000);
    assert.deepEqual(writing.appends, ['7.1:1']);
  });
});

describe('whoever waits for records of an owner', () => {
  it('goes on when all have come back', async () => {
    const writing = new Writing();
    assert.ok(await hasEnded(writing.writer.drained(), writing));
    writing.write(1, 2);
    await writing.pass();
    const drained = writing.writer.drained();
    writing.writer.readBack();
    assert.equal(await hasEnded(drained, writing), false);
    writing.writer.readBack();
    assert.ok(await hasEnded(drained, writing));
  });
});

describe('a new claim', () => {
  it('waits until nothing is on its way, and what is written meanwhile waits for it', async () => {
    const writing = new Writing();
    const { answer, come } = held();
    writing.answer = answer;
    writing.write(1);
    await writing.pass();
    const onHold = writing.writer.hold();
    writing.write(2);
    assert.equal(await hasEnded(onHold, writing), false);
    come();
    await writing.pass();
    assert.equal(await hasEnded(onHold, writing), false, 'it has not come back');
    writing.writer.readBack();
    assert.ok(await hasEnded(onHold, writing));
    assert.deepEqual(writing.appends, ['7.1:1']);
    writing.writer.release(9);
    await writing.pass();
    assert.deepEqual(writing.appends, ['7.1:1', '9.1:2']);
  });

  it('need not wait for what is written all the time', async () => {
    const writing = new Writing();
    const { answer, come } = held();
    writing.answer = answer;
    writing.write(0);
    await writing.pass();
    const onHold = writing.writer.hold();
    for (let event = 1; event <= 5; event++) {
      writing.write(event);
      come();
      await writing.pass();
      if (event === 1) writing.writer.readBack();
    }
    assert.ok(await hasEnded(onHold, writing));
    assert.deepEqual(writing.appends, ['7.1:0']);
  });

  it('waits for the answer also where the record came back first', async () => {
    const writing = new Writing();
    const { answer, come } = held();
    writing.answer = answer;
    writing.write(1);
    await writing.pass();
    const onHold = writing.writer.hold();
    writing.writer.readBack();
    assert.equal(await hasEnded(onHold, writing), false);
    come();
    assert.ok(await hasEnded(onHold, writing));
  });

  it('has all appended again under it that did not come back before', async () => {
    const writing = new Writing();
    writing.write(1, 2, 3);
    await writing.pass();
    writing.writer.readBack();
    void writing.writer.hold();
    writing.writer.release(9);
    await writing.pass();
    assert.equal(writing.appends.at(-1), '9.1:2 9.2:3');
  });

  it('that is the same as before changes nothing, but lets what waited go on', async () => {
    const writing = new Writing();
    writing.write(1);
    await writing.pass();
    void writing.writer.hold();
    writing.write(2);
    await writing.pass();
    assert.deepEqual(writing.appends, ['7.1:1']);
    writing.writer.release();
    await writing.pass();
    assert.deepEqual(writing.appends, ['7.1:1', '7.2:2']);
  });

  it('in a parking log that was made again has first what is open, then all that was on its way', async () => {
    const writing = new Writing();
    writing.write(1, 2);
    await writing.pass();
    const onHold = writing.writer.hold();
    writing.writer.startOver(() => writing.write(8, 9));
    assert.ok(await hasEnded(onHold, writing), 'nothing of it comes back');
    assert.equal(writing.appends.length, 2);
    writing.writer.release(3);
    await writing.pass();
    assert.equal(writing.appends.at(-1), '3.1:8 3.2:9 3.3:1 3.4:2');
    for (let time = 0; time < 4; time++) writing.writer.readBack();
    assert.deepEqual(writing.applied, [8, 9, 1, 2]);
  });
});
