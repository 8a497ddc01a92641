// What the view of a dispatcher says of parked keys: one figure for each key, as "parked list" has
// one row, before and after the death of its owner.
// Key to the traces: `a1` is the first event with the key `a`; `'a1 b1 a2'` are three events,
// published or attempted in this order.
import assert from 'node:assert/strict';
import type { ParkedOrder } from '../../../../worker/dispatch/commands/parked-orders.ts';
import { orderParked } from '../../../../worker/dispatch/commands/parked-orders.ts';
import type { Dispatcher } from '../../../../worker/dispatch/dispatcher.ts';
import { Lanes } from '../../../../worker/dispatch/lanes/lanes.ts';
import { parkedFiguresOf } from '../../../../worker/dispatch/lanes/parked-figures.ts';
import type { DispatchSettings } from '../../../../worker/dispatch/settings.ts';
import { SimulatedLog } from '../../../simulation/log/simulated-log.ts';
import { lettersOf } from '../dead-letters/letters.ts';
import { fail, Harness } from '../harness.ts';

const HOUR = 3_600_000;
/** The next attempt is far away. */
const slow = { retry: { attempts: 3, backoff: 'constant', initial: HOUR, max: HOUR } } as const;

const told = ({ view }: Dispatcher) => {
  const { parkedKeys, parkedEvents, failingKeys, held, failedFirst, heldFirst } = view;
  const figures = `${failingKeys} failing, ${held} held of ${parkedKeys} keys, ${parkedEvents} events`;
  return [figures, failedFirst ?? heldFirst];
};

/** All events of it fail, each with its own cause. */
async function started(texts: string, some: Partial<DispatchSettings> = {}) {
  const harness = new Harness();
  harness.publish(texts);
  harness.script = ({ text }) => fail({ error: { message: `no price for ${text}` } });
  const first = await harness.start({ ...slow, ...some });
  await harness.pass(2000);
  const { simulation, broker } = harness;
  const log = new SimulatedLog(broker, simulation.process('orders'));
  const giveUp = async (event: number) => {
    const order: ParkedOrder = { verb: 'give-up', event, generation: 0 };
    await simulation.drive(orderParked(log, 'g.parked', 0, [order]));
    await harness.pass(2000);
  };
  const letters = lettersOf(harness);
  const redrive = async (id: string) => {
    await letters.drive(letters.redrive(id));
    await harness.pass(2000);
  };
  /** The view of another owner, once the first was killed. */
  const takenOver = async () => {
    first.process.kill();
    const next = await harness.start({ ...slow, ...some }, {}, 'q');
    await harness.pass(12_000);
    return next.dispatcher;
  };
  return { ...first, harness, giveUp, redrive, takenOver };
}

describe('the figures of parked keys', () => {
  it('count a key once, with the cause at its head, where an event before a failed one was redriven', async () => {
    const { dispatcher, harness, giveUp, redrive, takenOver } = await started('a1 a2 a3');
    await giveUp(0);
    assert.equal(harness.trace, 'a1! a2!');
    await redrive('0-0');
    assert.equal(harness.trace, 'a1! a2! a1!');
    const [figures, first] = told(dispatcher) as [string, Dispatcher['view']['failedFirst']];
    assert.equal(figures, '1 failing, 0 held of 1 keys, 3 events');
    assert.equal(first?.error?.message, 'no price for a1');
    assert.deepEqual(told(await takenOver()), [figures, first]);
    assert.equal(harness.trace, 'a1! a2! a1!');
  });

  it('count a held key once, and as one that is tried again while an event before the held one is', async () => {
    const { dispatcher, harness, giveUp, redrive } = await started('a1 a2', {
      onExhausted: 'hold',
      retry: { attempts: 2, backoff: 'constant', initial: HOUR, max: HOUR },
    });
    await giveUp(0);
    await harness.pass(2 * HOUR);
    assert.equal(harness.trace, 'a1! a2! a2!');
    assert.equal(told(dispatcher)[0], '0 failing, 1 held of 1 keys, 1 events');
    await redrive('0-0');
    assert.equal(told(dispatcher)[0], '1 failing, 0 held of 1 keys, 2 events');
    await harness.pass(2 * HOUR);
    assert.equal(harness.trace, 'a1! a2! a2! a1! a1!');
    assert.equal(told(dispatcher)[0], '0 failing, 1 held of 1 keys, 2 events');
    assert.equal(dispatcher.view.heldFirst?.error?.message, 'no price for a1');
  });

  it('tell the cause and the time of a held key after the death of its owner, too', async () => {
    const { dispatcher, harness, takenOver } = await started('a1', {
      onExhausted: 'hold',
      retry: { attempts: 2, backoff: 'constant', initial: HOUR, max: HOUR },
    });
    await harness.pass(2 * HOUR);
    const before = told(dispatcher);
    assert.equal(dispatcher.view.heldFirst?.error?.message, 'no price for a1');
    assert.deepEqual(told(await takenOver()), before);
  });

  it('have the cause of keys that are tried again apart from that of held keys', () => {
    const lanes = new Lanes('key');
    const states = { a: 'held', b: 'parked', c: 'held', d: 'parked' } as const;
    for (const [offset, [key, state]] of Object.entries(states).entries()) {
      const record = { offset, timestamp: 0, key, value: new Uint8Array(), headers: {} };
      const item = lanes.addParked(record, Number.POSITIVE_INFINITY);
      Object.assign(item, { attempts: 1, since: offset, lastError: { message: key }, state });
    }
    const { failingKeys, failedFirst, held, heldFirst } = parkedFiguresOf(lanes);
    assert.deepEqual([failingKeys, failedFirst?.error?.message, held, heldFirst?.error?.message], [2, 'b', 2, 'a']);
  });

  it('are of keys by the order of the consumer, whatever the order in which events came to the log', () => {
    const rows = { key: 2, none: 4, partition: 1 } as const;
    for (const order of ['key', 'none', 'partition'] as const) {
      const lanes = new Lanes(order);
      for (const [offset, key] of [
        [7, 'a'],
        [2, 'b'],
        [5, 'a'],
        [3, 'a'],
        [1, 'b'],
      ] as const) {
        const record = { offset, timestamp: 0, key, value: new Uint8Array(), headers: {} };
        const item = lanes.addParked(record, Number.POSITIVE_INFINITY);
        // The first of `a` was not tried since it was redriven.
        if (offset === 3) continue;
        Object.assign(item, { attempts: 1, since: 100 - offset, lastError: { message: `${offset}` } });
      }
      const { failingKeys, failedFirst } = parkedFiguresOf(lanes);
      assert.equal(failingKeys, rows[order], order);
      const heads = { key: '5', none: '7', partition: '1' };
      assert.equal(failedFirst?.error?.message, heads[order], order);
    }
  });
});
