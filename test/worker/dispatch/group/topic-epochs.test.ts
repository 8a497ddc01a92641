// Topics that are made again, at the worst moments: owners that die in between, commits that come
// late, parking logs that are deleted.
// Key to the traces: `a1` is the first event with the key `a`; `'a1 b1 a2'` are three events,
// published or attempted in this order.
// `a1!` is an attempt that did not handle its event: it failed, or nobody saw its end.
// `jumps 4-8`: the reader goes on at offset 8, as the events from 4 on are gone.
import assert from 'node:assert/strict';
import { isRecreated, OFFSETS_PER_EPOCH } from '../../../../drivers/event-log/epochs.ts';
import type { LogRecord } from '../../../../drivers/event-log/event-log.ts';
import { ParkingLogWriter } from '../../../../worker/dispatch/writes/parking-log-writer.ts';
import { fail, Harness } from '../harness.ts';

let harness: Harness;

const makeAgain = (topic = 't') => {
  harness.broker.deleteTopic(topic);
  harness.broker.ensureTopic(topic, { partitions: 1 });
};

const failing = (...texts: string[]) => {
  harness.script = ({ text }) => (texts.includes(text) ? fail() : { kind: 'done' });
};

const handled = () =>
  harness.attempts
    .filter(({ outcome }) => outcome === 'done')
    .map(({ text }) => text)
    .join(' ');

function useHarness(): void {
  beforeEach(() => {
    harness = new Harness();
  });
}

describe('a topic that is made again', () => {
  useHarness();

  it('is delivered whole by its owner, behind what waits of the earlier one', async () => {
    failing('a1');
    harness.publish('a1 b1 c1');
    const { dispatcher } = await harness.start();
    await harness.pass(500);
    makeAgain();
    harness.publish('a2 b2 c2');
    await harness.pass(800);
    assert.equal(handled(), 'b1 c1 b2 c2');
    failing();
    await harness.pass(20_000);
    assert.equal(handled(), 'b1 c1 b2 c2 a1 a2');
    assert.equal(harness.position?.offset, OFFSETS_PER_EPOCH + 3);
    const { jumped, madeAgain, lag } = dispatcher.view;
    assert.deepEqual({ jumped, madeAgain, lag }, { jumped: 0, madeAgain: 1, lag: 0 });
  });

  it('is delivered whole where its owner died and its last commit, about the earlier one, came late', async () => {
    failing('a1');
    harness.publish('a1 b1 c1 d1');
    const first = await harness.start();
    await harness.pass(2500);
    const late = harness.position;
    assert.equal(late?.offset, 4);
    first.process.kill();
    makeAgain();
    assert.equal(harness.position, undefined);
    harness.publish('a2 b2 c2 d2 e2');
    harness.broker.setPosition('g', 't', 0, late ?? assert.fail());
    failing();
    await harness.start({ from: 'latest' }, {}, 'q');
    await harness.pass(20_000);
    assert.equal(harness.traceOf('a').replaceAll('a1! ', ''), 'a1 a2');
    for (const key of ['b', 'c', 'd', 'e']) assert.equal(harness.traceOf(key).split(' ').at(-1), `${key}2`);
    assert.ok(harness.events.some(event => event === `jumps 4-${OFFSETS_PER_EPOCH}`));
  });

  it('is delivered whole by who begins at the newest, where it was made while nobody ran', async () => {
    harness.publish('a1');
    const first = await harness.start({ from: 'latest' });
    await harness.pass(1500);
    first.process.kill();
    makeAgain();
    harness.publish('b1 c1');
    await harness.start({ from: 'latest' }, {}, 'q');
    await harness.pass(10_000);
    assert.equal(harness.trace, 'b1 c1');
  });

  it('is not delivered from its beginning to a new group that begins at the newest', async () => {
    makeAgain();
    harness.publish('a1');
    await harness.start({ from: 'latest' });
    harness.publish('b1');
    await harness.pass(5000);
    assert.equal(harness.trace, 'b1');
  });

  it('has its own places in the parking log: an owner after the next knows events of both', async () => {
    failing('a1', 'a2');
    const retry = { attempts: 100, backoff: 'constant', initial: 500, max: 500 } as const;
    harness.publish('a1 b1');
    const first = await harness.start({ retry, order: 'none' });
    await harness.pass(1000);
    makeAgain();
    harness.publish('a2 b2');
    await harness.pass(3000);
    assert.equal(first.dispatcher.view.parkedEvents, 2);
    first.process.kill();
    const second = await harness.start({ retry, order: 'none' }, {}, 'q');
    await harness.pass(10_000);
    assert.equal(second.dispatcher.view.parkedEvents, 2);
    assert.equal(handled(), 'b1 b2');
    failing();
    await harness.pass(5000);
    assert.deepEqual(handled().split(' ').sort(), ['a1', 'a2', 'b1', 'b2']);
  });
});

describe('a parking log that is made again', () => {
  useHarness();

  describe('where it is a parking log', () => {
    const retry = { attempts: 1000, backoff: 'constant', initial: 500, max: 500 } as const;
    const untilClaimed = async () => {
      while (!harness.parkingLog().some(({ type }) => type === 'claim')) await harness.pass(1);
    };

    it('is written anew by its owner, with all that waits, so that the next one knows it', async () => {
      failing('a1');
      harness.publish('a1 a2 b1');
      const { dispatcher, process } = await harness.start({ retry });
      await harness.pass(2000);
      makeAgain('g.parked');
      harness.publish('a3 b2');
      await harness.pass(15_000);
      assert.equal(dispatcher.view.parkedEvents, 3);
      assert.equal(dispatcher.view.superseded, 0);
      assert.ok(isRecreated(0, dispatcher.view.partitions[0]?.parkingLog.watermark ?? 0));
      process.kill();
      failing();
      await harness.start({ retry }, {}, 'q');
      await harness.pass(20_000);
      assert.equal(handled(), 'b1 b2 a1 a2 a3');
    });

    it('has all that waits as soon as it has a claim, should its owner leave then', async () => {
      failing('a1');
      harness.publish('a1 a2 b1 c1');
      const { dispatcher } = await harness.start({ retry });
      await harness.pass(2000);
      makeAgain('g.parked');
      await untilClaimed();
      await harness.simulation.drive(dispatcher.close(5000));
      const known = harness.parkingLog().filter(({ type }) => type === 'park');
      assert.deepEqual(
        known.map(({ event }) => event),
        [0, 1],
      );
      failing();
      await harness.start({ retry }, {}, 'q');
      await harness.pass(20_000);
      assert.equal(handled(), 'b1 c1 a1 a2');
    });

    it('has what waits for a person, too, and what was given up and is not dead-lettered yet', async () => {
      failing('a1');
      harness.publish('a1 a2 b1');
      const filter = ({ key }: LogRecord) => key !== 'b' || assert.fail('it cannot be told');
      const settings = { retry: { ...retry, attempts: 1 }, onExhausted: 'hold', filter } as const;
      const tell = async () => assert.fail('nobody can be told');
      const { process } = await harness.start(settings, { deadLettered: tell });
      await harness.pass(2000);
      makeAgain('g.parked');
      await untilClaimed();
      await harness.pass(100);
      process.kill();
      const { dispatcher } = await harness.start(settings, {}, 'q');
      await harness.pass(20_000);
      assert.deepEqual(
        harness.deadLettered.map(({ offset, reason }) => [offset, reason]),
        [[2, 'filter']],
      );
      const { held, parkedEvents } = dispatcher.view;
      assert.deepEqual({ held, parkedEvents }, { held: 1, parkedEvents: 2 });
    });

    it('keeps its owner where it was claiming anew when it was deleted', async () => {
      failing('a1');
      harness.publish('a1 a2 b1');
      const { dispatcher } = await harness.start({ retry }, { limits: { parkingLogRecords: 4 } });
      for (let again = 0; again < 20; again++) {
        await harness.pass(1000 + 97 * again);
        makeAgain('g.parked');
      }
      await harness.pass(5000);
      assert.equal(dispatcher.view.superseded, 0);
      failing();
      await harness.pass(5000);
      assert.equal(handled(), 'b1 a1 a2');
    });

    it('gets again, under a new claim, what was on its way to it and does not come back', async () => {
      const appended: string[] = [];
      const writer = new ParkingLogWriter({
        world: harness.simulation.process('w').world,
        log: {
          append: async (_, records) => {
            for (const { value } of records) appended.push(Buffer.from(value).toString().trim());
            return [];
          },
        },
        topic: 'g.parked',
        partition: 0,
        claim: 4,
        signal: new AbortController().signal,
        trouble: error => assert.fail(String(error)),
      });
      writer.write({ type: 'done', event: 7 }, () => {});
      writer.write({ type: 'done', event: 8 }, () => {});
      await harness.pass(10);
      writer.startOver(() => writer.write({ type: 'done', event: 6 }, () => {}));
      // Nothing is on its way, so that a claim can be made; what is written meanwhile waits for it.
      await writer.hold();
      writer.write({ type: 'done', event: 9 }, () => {});
      await harness.pass(10);
      assert.equal(appended.length, 2);
      writer.release(OFFSETS_PER_EPOCH);
      await harness.pass(10);
      const again = appended.slice(2).map(text => JSON.parse(text));
      assert.deepEqual(
        again.map(({ event, claim, seq }) => [event, claim, seq]),
        [
          [6, OFFSETS_PER_EPOCH, 1],
          [7, OFFSETS_PER_EPOCH, 2],
          [8, OFFSETS_PER_EPOCH, 3],
          [9, OFFSETS_PER_EPOCH, 4],
        ],
      );
    });

    it('is made again where nobody else does', async () => {
      failing('a1');
      harness.publish('a1 b1');
      const { dispatcher } = await harness.start({ retry });
      await harness.pass(2000);
      harness.broker.deleteTopic('g.parked');
      harness.broker.deleteTopic('g.dead');
      harness.publish('a2 b2');
      await harness.pass(90_000);
      assert.equal(dispatcher.view.parkedEvents, 2);
      assert.ok(harness.broker.partitions('g.dead'));
      failing();
      await harness.pass(20_000);
      assert.equal(handled(), 'b1 b2 a1 a2');
    });

    it('that was deleted while nobody ran takes with it what waited there, which is told', async () => {
      failing('a1');
      harness.publish('a1 b1');
      const { process } = await harness.start({ retry });
      await harness.pass(2000);
      process.kill();
      makeAgain('g.parked');
      harness.publish('a2 b2');
      await harness.start({ retry }, {}, 'q');
      await harness.pass(20_000);
      assert.equal(handled(), 'b1 a2 b2');
      assert.ok(harness.events.includes('parking log lost'));
    });
  });
});
