// Events that were given up: letters, holding, and what people do with them.
// Key to the traces: `a1` is the first event with the key `a`; `'a1 b1 a2'` are three events,
// published or attempted in this order.
// `a1!` is an attempt that did not handle its event: it failed, or nobody saw its end.
import assert from 'node:assert/strict';
import { requestCancel } from '../../../../worker/dispatch/commands/cancel.ts';
import type { DeadLetters } from '../../../../worker/dispatch/dead-letters/dead-letter-options.ts';
import { createDeadLetters } from '../../../../worker/dispatch/dead-letters/dead-letters.ts';
import { SimulatedLog } from '../../../simulation/log/simulated-log.ts';
import { done, fail, Harness } from '../harness.ts';
import { final, idsOf, lettersOf } from './letters.ts';

describe('dead letters', () => {
  it('keep the event with its reason, error, attempts and origin; its key goes on', async () => {
    const harness = new Harness();
    harness.publish('a1 a2', { ce_id: 'x', ce_type: 'T' });
    harness.script = ({ text }) => (text === 'a1' ? final : done);
    await harness.start();
    await harness.pass(3000);
    assert.equal(harness.trace, 'a1! a2');
    const letters = lettersOf(harness);
    const letter = await letters.drive(letters.read('0-0'));
    const { reason, error, attempts, record, held } = letter;
    assert.deepEqual(
      { reason, error, attempts, held },
      { reason: 'refused', error: { status: 400, message: 'bad' }, attempts: 1, held: false },
    );
    assert.deepEqual(
      { text: Buffer.from(record.value).toString(), key: record.key, headers: record.headers },
      { text: 'a1', key: 'a', headers: { ce_id: 'x', ce_type: 'T' } },
    );
    assert.equal(harness.position?.offset, 2);
  });

  it('are confirmed only once whoever must know has been told; again by the next owner', async () => {
    const harness = new Harness();
    harness.publish('a1');
    harness.script = () => final;
    const { process } = await harness.start(
      {},
      { deadLettered: async () => Promise.reject(new Error('store is down')) },
    );
    await harness.pass(3000);
    assert.deepEqual(harness.deadLettered, []);
    process.kill();
    const { dispatcher } = await harness.start({}, {}, 'q');
    await harness.pass(12_000);
    assert.equal(harness.deadLettered.length, 1);
    assert.equal(harness.trace, 'a1!');
    assert.equal(dispatcher.view.partitions[0]?.unwrittenDeadLetters, 0);
  });

  it('can be filtered by key, reason and age, in pages', async () => {
    const harness = new Harness(2);
    harness.publish('a1 b1 c1', {}, 0);
    harness.publish('d1', {}, 1);
    harness.script = ({ text }) => (text.startsWith('c') ? fail() : final);
    await harness.start();
    await harness.pass(60_000);
    const letters = lettersOf(harness);
    const keys = async (filter: Parameters<DeadLetters['list']>[0]) =>
      (await letters.drive(letters.list(filter, 10))).letters.map(({ key }) => key).join('');
    assert.equal(await keys({ key: 'b' }), 'b');
    assert.equal(await keys({ reason: 'exhausted' }), 'c');
    assert.equal((await keys({ olderThanMs: 59_000 })).length, 3);
    const first = await letters.drive(letters.list({}, 3));
    const second = await letters.drive(letters.list({}, 3, first.next));
    assert.deepEqual([first.letters.length, second.letters.length, second.next], [3, 1, undefined]);
    assert.equal(new Set([...first.letters, ...second.letters].map(({ id }) => id)).size, 4);
  });

  it('are redriven in their place, with a new budget, and leave the list', async () => {
    const harness = new Harness();
    harness.publish('a1 a2');
    let broken = true;
    harness.script = ({ text }) => (broken && text === 'a1' ? final : done);
    await harness.start();
    await harness.pass(2000);
    const letters = lettersOf(harness);
    assert.deepEqual(await idsOf(letters), ['0-0/0']);
    broken = false;
    await letters.drive(letters.redrive('0-0'));
    await harness.pass(2000);
    assert.equal(harness.trace, 'a1! a2 a1');
    assert.equal(harness.attempts.at(-1)?.attempt, 1);
    assert.deepEqual(await idsOf(letters), []);
    await assert.rejects(letters.drive(letters.read('0-0')), { code: 'not-found' });
  });

  it('are redriven many at once, with the reason for each that cannot be', async () => {
    const harness = new Harness();
    harness.publish('a1 b1 c1');
    let broken = true;
    harness.script = () => (broken ? final : done);
    await harness.start({ concurrency: 1 });
    await harness.pass(2000);
    const letters = lettersOf(harness);
    broken = false;
    const orders = ['0-0', '7-7', '0-2', '0-0'].map(id => ({ id }));
    const refusals = await letters.drive(letters.order('redrive', orders));
    assert.deepEqual(
      refusals.map(refusal => refusal?.code),
      [undefined, 'not-found', undefined, undefined],
    );
    await harness.pass(3000);
    assert.deepEqual(
      ['a', 'b', 'c'].map(key => harness.traceOf(key)),
      ['a1! a1', 'b1!', 'c1! c1'],
    );
    assert.deepEqual(await idsOf(letters), ['0-1/0']);
    assert.deepEqual(await letters.drive(letters.order('purge', [])), []);
  });

  it('come back with the next generation when they fail again', async () => {
    const harness = new Harness();
    harness.publish('a1');
    harness.script = () => final;
    await harness.start();
    await harness.pass(2000);
    const letters = lettersOf(harness);
    await letters.drive(letters.redrive('0-0', { value: Buffer.from('a1-edited'), headers: { edited: 'yes' } }));
    await harness.pass(2000);
    assert.equal(harness.trace, 'a1! a1-edited!');
    assert.deepEqual(await idsOf(letters), ['0-0/1']);
    assert.equal((await letters.drive(letters.read('0-0'))).record.key, 'a');
  });

  it('redriven twice at once are delivered once', async () => {
    const harness = new Harness();
    harness.publish('a1');
    harness.script = ({ attempt }) => (attempt === 1 && harness.attempts.length === 1 ? final : done);
    await harness.start();
    await harness.pass(2000);
    const letters = lettersOf(harness);
    await letters.drive(Promise.all([letters.redrive('0-0'), letters.redrive('0-0')]));
    await harness.pass(3000);
    assert.equal(harness.trace, 'a1! a1');
  });

  it('purged leave the list and nothing else', async () => {
    const harness = new Harness();
    harness.publish('a1');
    harness.script = () => final;
    const { dispatcher } = await harness.start();
    await harness.pass(2000);
    const letters = lettersOf(harness);
    await letters.drive(letters.purge('0-0'));
    await harness.pass(2000);
    assert.deepEqual(await idsOf(letters), []);
    assert.equal(harness.trace, 'a1!');
    assert.equal(dispatcher.view.partitions[0]?.openCommands, 0);
  });

  it('are listed within bounds: the oldest are left out and counted', async () => {
    const harness = new Harness();
    harness.publish('a1 b1 c1');
    harness.script = () => final;
    await harness.start({ concurrency: 1 });
    await harness.pass(2000);
    const process = harness.simulation.process('console');
    const letters = createDeadLetters(process.world, new SimulatedLog(harness.broker, process), 'g', { most: 2 });
    const page = await harness.simulation.drive(letters.list({}, 10));
    assert.deepEqual([page.letters.map(({ key }) => key).join(''), page.omitted], ['bc', 1]);
  });
});

describe('onExhausted: hold', () => {
  async function held(): Promise<{ harness: Harness; letters: ReturnType<typeof lettersOf> }> {
    const harness = new Harness();
    harness.publish('a1 a2 b1');
    let broken = true;
    harness.script = ({ text }) => (broken && text === 'a1' ? final : done);
    const { process } = await harness.start({ onExhausted: 'hold' });
    await harness.pass(2000);
    harness.publish('a3 b2');
    await harness.pass(2000);
    broken = false;
    assert.equal(harness.traceOf('a'), 'a1!');
    assert.equal(harness.traceOf('b'), 'b1 b2');
    process.kill();
    const { dispatcher } = await harness.start({ onExhausted: 'hold' }, {}, 'q');
    await harness.pass(10_000);
    assert.equal(harness.traceOf('a'), 'a1!');
    assert.deepEqual([dispatcher.view.held, dispatcher.view.parkedEvents, dispatcher.view.lag], [1, 3, 3]);
    assert.deepEqual(harness.deadLettered, []);
    return { harness, letters: lettersOf(harness) };
  }

  it('skip lets the key go on behind it', async () => {
    const { harness, letters } = await held();
    assert.deepEqual(await idsOf(letters), ['0-0/0 held']);
    await letters.drive(letters.skip('0-0'));
    await harness.pass(2000);
    assert.equal(harness.traceOf('a'), 'a1! a2 a3');
    assert.deepEqual(await idsOf(letters), ['0-0/0']);
    assert.equal(harness.deadLettered.length, 1);
    await assert.rejects(letters.drive(letters.skip('0-0')), { code: 'conflict' });
  });

  it('redrive tries it again, before what waits behind it', async () => {
    const { harness, letters } = await held();
    await letters.drive(letters.redrive('0-0'));
    await harness.pass(2000);
    assert.equal(harness.traceOf('a'), 'a1! a1 a2 a3');
    assert.deepEqual(await idsOf(letters), []);
  });

  it('redrive tries it again also where an event behind it is being attempted just then, and is held', async () => {
    const harness = new Harness();
    harness.publish('a1 a2');
    let broken = true;
    harness.script = () => (broken ? final : done);
    await harness.start({ onExhausted: 'hold' });
    await harness.pass(2000);
    const letters = lettersOf(harness);
    harness.callMs = 2000;
    await letters.drive(letters.skip('0-0'));
    await harness.pass(1000);
    assert.deepEqual([harness.inFlight, await idsOf(letters)], [1, ['0-0/0']]);
    await letters.drive(letters.redrive('0-0'));
    await harness.pass(2000);
    broken = false;
    await harness.pass(5000);
    assert.equal(harness.trace, 'a1! a2! a1');
    assert.deepEqual(await idsOf(letters), ['0-1/0 held']);
  });

  it('purge gives it up and lets the key go on', async () => {
    const { harness, letters } = await held();
    await letters.drive(letters.purge('0-0'));
    await harness.pass(2000);
    assert.equal(harness.traceOf('a'), 'a1! a2 a3');
    assert.deepEqual(await idsOf(letters), []);
  });
});

describe('cancel', () => {
  const cancel = (harness: Harness, event: number) => {
    const process = harness.simulation.process('door');
    return harness.simulation.drive(requestCancel(new SimulatedLog(harness.broker, process), 'g', 0, event));
  };

  it('takes out an event that waits in memory, is parked, or has not been read', async () => {
    const harness = new Harness();
    harness.publish('a1 a2 b1 c1 c2');
    harness.callMs = 500;
    harness.script = ({ text, attempt }) => (text === 'b1' && attempt === 1 ? fail() : done);
    await harness.start({ concurrency: 2 }, { limits: { freshEvents: 3 } });
    await harness.pass(50);
    await cancel(harness, 1);
    await cancel(harness, 4);
    await harness.pass(1000);
    await cancel(harness, 2);
    await harness.pass(20_000);
    assert.equal(harness.traceOf('a'), 'a1');
    assert.equal(harness.traceOf('b'), 'b1!');
    assert.equal(harness.traceOf('c'), 'c1');
    assert.deepEqual(harness.deadLettered.map(({ offset, reason }) => `${offset} ${reason}`).sort(), [
      '1 cancelled',
      '2 cancelled',
      '4 cancelled',
    ]);
    assert.equal(harness.position?.offset, 5);
  });

  it('of a running event waits for its end: handled it stays handled, failed it is not tried again', async () => {
    const harness = new Harness();
    harness.publish('a1 b1');
    harness.callMs = 500;
    harness.script = ({ text }) => (text === 'b1' ? fail() : done);
    const { dispatcher } = await harness.start();
    await harness.pass(100);
    await cancel(harness, 0);
    await cancel(harness, 1);
    await harness.pass(20_000);
    assert.equal(harness.trace, 'a1 b1!');
    assert.deepEqual(
      harness.deadLettered.map(({ offset, reason }) => `${offset} ${reason}`),
      ['1 cancelled'],
    );
    assert.equal(dispatcher.view.partitions[0]?.openCommands, 0);
  });

  it('of an offset that does not exist holds up nothing', async () => {
    const harness = new Harness();
    harness.publish('a1');
    const { dispatcher } = await harness.start();
    await cancel(harness, 99);
    await harness.pass(2000);
    assert.equal(dispatcher.view.partitions[0]?.openCommands, 0);
  });
});
