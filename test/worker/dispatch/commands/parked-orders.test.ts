// Orders for parked events: tried at once and in order, given up as dead letters, left alone where
// they came too late; whoever owns the partition.
// Key to the traces: `a1` is the first event with the key `a`; `'a1 b1 a2'` are three events,
// published or attempted in this order.
// `a1!` is an attempt that did not handle its event: it failed, or nobody saw its end.
import assert from 'node:assert/strict';
import {
  type OrderOutcome,
  orderParked,
  outcomesOf,
  type ParkedOrder,
} from '../../../../worker/dispatch/commands/parked-orders.ts';
import { openParkedReaders } from '../../../../worker/parking-log/parked-reader.ts';
import { decodeParkingLogRecord, encodeParkingLogRecord } from '../../../../worker/parking-log/parking-log-codec.ts';
import type { Command } from '../../../../worker/parking-log/parking-log-record.ts';
import { SimulatedLog } from '../../../simulation/log/simulated-log.ts';
import { final, idsOf, lettersOf } from '../dead-letters/letters.ts';
import { done, fail, Harness } from '../harness.ts';

const NAME = { group: 'g', topic: 't', parkingLog: 'g.parked' };
const HOUR = 3_600_000;
/** The next attempt is far away. */
const slow = { retry: { attempts: 3, backoff: 'constant', initial: HOUR, max: HOUR } } as const;

/** Orders of a person at a console, and what became of them within `patienceMs`. */
async function order(harness: Harness, orders: readonly ParkedOrder[], patienceMs = 5000): Promise<OrderOutcome[]> {
  const { simulation, broker } = harness;
  const process = simulation.process('console');
  const log = new SimulatedLog(broker, process);
  const act = async () => {
    const [reader] = await openParkedReaders(log, NAME);
    assert.ok(reader);
    await reader.read();
    const places = await orderParked(log, NAME.parkingLog, 0, orders);
    return outcomesOf(process.world, reader, places, patienceMs, new AbortController().signal);
  };
  return simulation.drive(act());
}

const retry = (event: number, generation = 0): ParkedOrder => ({ verb: 'retry', event, generation });
const giveUp = (event: number, generation = 0): ParkedOrder => ({ verb: 'give-up', event, generation });

describe('a parked event that is tried now', () => {
  it('is attempted at once, before those behind it, and leaves the budget as it was', async () => {
    const harness = new Harness();
    harness.publish('a1 a2 b1');
    let broken = true;
    harness.script = ({ text }) => (broken && text === 'a1' ? fail() : done);
    await harness.start(slow);
    await harness.pass(2000);
    assert.equal(harness.trace, 'a1! b1');
    assert.deepEqual(await order(harness, [retry(0)]), ['done']);
    await harness.pass(1000);
    assert.equal(harness.trace, 'a1! b1 a1!');
    broken = false;
    assert.deepEqual(await order(harness, [retry(0)]), ['done']);
    await harness.pass(1000);
    assert.equal(harness.trace, 'a1! b1 a1! a1 a2');
    assert.deepEqual(
      harness.attempts.filter(({ key }) => key === 'a').map(({ attempt }) => attempt),
      [1, 2, 3, 1],
    );
    assert.deepEqual(await idsOf(lettersOf(harness)), []);
  });

  it('is given up when that was its last attempt', async () => {
    const harness = new Harness();
    harness.publish('a1');
    harness.script = () => fail();
    await harness.start({ retry: { ...slow.retry, attempts: 2 } });
    await harness.pass(2000);
    await order(harness, [retry(0)]);
    await harness.pass(1000);
    assert.deepEqual([harness.trace, await idsOf(lettersOf(harness))], ['a1! a1!', ['0-0/0']]);
    assert.equal(harness.deadLettered[0]?.reason, 'exhausted');
  });

  it('is tried at once by the next owner, when its owner dies before the attempt', async () => {
    const harness = new Harness();
    harness.publish('a1');
    harness.script = () => fail();
    const { process } = await harness.start(slow);
    await harness.pass(2000);
    let isOrdered = false;
    harness.broker.watches.push((topic, _, { value }) => {
      if (topic !== 'g.parked' || !Buffer.from(value).includes('"type":"retry"')) return;
      isOrdered = true;
      process.kill();
    });
    assert.deepEqual(await order(harness, [retry(0)]), ['unconfirmed']);
    assert.ok(isOrdered);
    assert.equal(harness.trace, 'a1!');
    const { dispatcher } = await harness.start(slow, {}, 'q');
    await harness.pass(12_000);
    assert.equal(harness.trace, 'a1! a1!');
    assert.equal(dispatcher.view.partitions[0]?.openCommands, 0);
  });

  it('is tried once by the next owner, when nobody owned its partition', async () => {
    const harness = new Harness();
    harness.publish('a1 a2');
    harness.script = () => fail();
    const { process } = await harness.start(slow);
    await harness.pass(2000);
    process.kill();
    assert.deepEqual(await order(harness, [retry(0)]), ['unconfirmed']);
    await harness.start(slow, {}, 'q');
    await harness.pass(60_000);
    assert.equal(harness.trace, 'a1! a1!');
  });

  it('is left alone where it is not first, has not failed, or was handled', async () => {
    const harness = new Harness();
    harness.publish('a1 a2 b1');
    harness.script = ({ text, attempt }) => (text === 'a1' || (text === 'b1' && attempt === 1) ? fail() : done);
    await harness.start(slow);
    await harness.pass(2000);
    assert.deepEqual(await order(harness, [retry(1), retry(2), retry(9), retry(0, 1)]), [
      'not-first',
      'done',
      'ended',
      'ended',
    ]);
    await harness.pass(1000);
    assert.equal(harness.trace, 'a1! b1! b1');
    assert.deepEqual(await order(harness, [retry(2)]), ['ended']);
  });

  it('is not delivered before its time', async () => {
    const harness = new Harness();
    harness.publish('a1');
    await harness.start({ delay: 0, dueAt: ({ timestamp }) => timestamp + HOUR });
    await harness.pass(2000);
    assert.deepEqual(await order(harness, [retry(0)]), ['not-failed']);
    await harness.pass(2000);
    assert.equal(harness.trace, '');
  });
});

describe('a parked event that is given up', () => {
  it('becomes a dead letter with the error of its last attempt, and its key goes on', async () => {
    const harness = new Harness();
    harness.publish('a1 a2 b1');
    harness.script = ({ text }) => (text === 'a1' ? fail({ error: { status: 500, message: 'no price' } }) : done);
    await harness.start(slow);
    await harness.pass(2000);
    assert.deepEqual(await order(harness, [giveUp(0)]), ['done']);
    await harness.pass(1000);
    assert.equal(harness.trace, 'a1! b1 a2');
    const [letter] = harness.deadLettered;
    assert.deepEqual(
      [letter?.offset, letter?.reason, letter?.attempts, letter?.error, letter?.held],
      [0, 'abandoned', 1, { status: 500, message: 'no price' }, false],
    );
    const letters = lettersOf(harness);
    assert.deepEqual(await idsOf(letters), ['0-0/0']);
    harness.script = () => done;
    await letters.drive(letters.redrive('0-0'));
    await harness.pass(1000);
    assert.equal(harness.trace, 'a1! b1 a2 a1');
  });

  it('does not hold its key, even where exhausted events do', async () => {
    const harness = new Harness();
    harness.publish('a1 a2');
    harness.script = ({ text }) => (text === 'a1' ? fail() : done);
    const { dispatcher } = await harness.start({ ...slow, onExhausted: 'hold' });
    await harness.pass(2000);
    await order(harness, [giveUp(0)]);
    await harness.pass(1000);
    assert.deepEqual([harness.trace, dispatcher.view.held], ['a1! a2', 0]);
  });

  it('takes all of its key with it in order, where all are ordered', async () => {
    const harness = new Harness();
    harness.publish('a1 a2 a3 a4');
    harness.script = ({ text }) => (text === 'a1' ? fail() : done);
    const { dispatcher } = await harness.start(slow);
    await harness.pass(2000);
    assert.deepEqual(
      await order(
        harness,
        [0, 1, 2, 3].map(event => giveUp(event)),
      ),
      ['done', 'done', 'done', 'done'],
    );
    await harness.pass(1000);
    assert.equal(harness.trace, 'a1!');
    assert.deepEqual(
      harness.deadLettered.map(({ offset, reason }) => `${offset} ${reason}`),
      ['0 abandoned', '1 abandoned', '2 abandoned', '3 abandoned'],
    );
    assert.equal(dispatcher.view.parkedKeys, 0);
  });

  it('while it is being attempted is given up after that, unless it is handled', async () => {
    for (const ends of ['fails', 'succeeds'] as const) {
      const harness = new Harness();
      harness.publish('a1');
      harness.script = ({ attempt }) => (attempt > 1 && ends === 'succeeds' ? done : fail());
      await harness.start({ retry: { ...slow.retry, initial: 1000 } });
      await harness.pass(500);
      harness.callMs = 3000;
      await harness.pass(1500);
      assert.equal(harness.inFlight, 1);
      assert.deepEqual(await order(harness, [giveUp(0)]), [ends === 'fails' ? 'done' : 'ended']);
      await harness.pass(1000);
      assert.equal(harness.trace, ends === 'fails' ? 'a1! a1!' : 'a1! a1');
      assert.deepEqual(
        harness.deadLettered.map(({ reason }) => reason),
        ends === 'fails' ? ['abandoned'] : [],
      );
    }
  });

  it('is given up once, however often that was ordered and whoever owns it', async () => {
    const harness = new Harness();
    harness.publish('a1 a2');
    harness.script = ({ text }) => (text === 'a1' ? fail() : done);
    const { process } = await harness.start(slow);
    await harness.pass(2000);
    harness.broker.watches.push((topic, _, { value }) => {
      if (topic === 'g.parked' && Buffer.from(value).includes('"type":"dead"')) process.kill();
    });
    assert.deepEqual(await order(harness, [giveUp(0), giveUp(0)]), ['unconfirmed', 'unconfirmed']);
    await harness.start(slow, {}, 'q');
    await harness.pass(12_000);
    assert.deepEqual(await order(harness, [giveUp(0)]), ['ended']);
    assert.deepEqual(await idsOf(lettersOf(harness)), ['0-0/0']);
    assert.equal(harness.trace, 'a1! a2');
  });

  it('is left to a person where it is held', async () => {
    const harness = new Harness();
    harness.publish('a1 a2');
    harness.script = () => final;
    const { dispatcher } = await harness.start({ onExhausted: 'hold' });
    await harness.pass(2000);
    assert.deepEqual(await order(harness, [giveUp(0), retry(0)]), ['held', 'held']);
    assert.equal(dispatcher.view.held, 1);
  });
});

describe('a command that this release or another does not know', () => {
  it('is about a generation that a release without such orders takes for past', () => {
    // That release looks at the generation before all else.
    const harness = new Harness();
    harness.broker.ensureTopic('g.parked', { partitions: 1 });
    const process = harness.simulation.process('console');
    const log = new SimulatedLog(harness.broker, process);
    return harness.simulation.drive(orderParked(log, 'g.parked', 0, [retry(7, 3)])).then(() => {
      const [record] = harness.broker.partition('g.parked', 0).history;
      const command = record && decodeParkingLogRecord(record);
      assert.ok(command?.type === 'command');
      assert.deepEqual([command.generation, command.parkedAs], [-1, 3]);
    });
  });

  it('does nothing to a held event, and its sender learns that', async () => {
    const harness = new Harness();
    harness.publish('a1 a2');
    harness.script = () => final;
    const { dispatcher } = await harness.start({ onExhausted: 'hold' });
    await harness.pass(2000);
    const verb = 'dance' as Command['verb'];
    const command = encodeParkingLogRecord({ type: 'command', verb, event: 0, generation: 0 }, 0);
    harness.broker.append('g.parked', [command], 'a later release');
    await harness.pass(2000);
    assert.deepEqual([dispatcher.view.held, harness.trace], [1, 'a1!']);
    const last = harness.parkingLog().findLast(({ type }) => type === 'acked');
    assert.equal(last?.['outcome'], 'unknown');
  });
});
