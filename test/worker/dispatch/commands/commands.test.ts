// Commands about dead letters: what is done about each, whoever owns the partition, whatever was
// decided meanwhile and however late they come.
// Key to the traces: `a1` is the first event with the key `a`; `'a1 b1 a2'` are three events,
// published or attempted in this order.
// `a1!` is an attempt that did not handle its event: it failed, or nobody saw its end.
import assert from 'node:assert/strict';
import { sleep } from '../../../../core/world.ts';
import type { NewRecord } from '../../../../drivers/event-log/event-log.ts';
import { decodeParkingLogRecord, encodeParkingLogRecord } from '../../../../worker/parking-log/parking-log-codec.ts';
import { SimulatedLog } from '../../../simulation/log/simulated-log.ts';
import { final, idsOf, lettersOf } from '../dead-letters/letters.ts';
import { done, fail, Harness } from '../harness.ts';

/**
 * Redrives of all that the commands in the parking log are about; `asOf`: as this release asks, not
 * as one does that did not say what it had read.
 */
function redrivesOf({ broker }: Harness, asOf: boolean): NewRecord[] {
  return broker.partition('g.parked', 0).history.flatMap(stored => {
    const record = decodeParkingLogRecord(stored);
    if (record?.type !== 'command') return [];
    return encodeParkingLogRecord({ ...record, verb: 'redrive', ...(asOf ? {} : { asOf: undefined }) }, 0);
  });
}

/** Appends that were told to have failed come late. */
function comeLate({ broker }: Harness, commands: readonly NewRecord[]): void {
  broker.append('g.parked', commands, 'console');
}

describe('dead letters that are asked about late, or many at once', () => {
  it('redriven or purged since are left alone by a redrive that was asked for before and comes late', async () => {
    for (const release of ['this', 'an earlier']) {
      const harness = new Harness();
      harness.publish('a1 b1 c1');
      let broken = true;
      harness.script = () => (broken ? final : done);
      const { process } = await harness.start();
      await harness.pass(2000);
      const letters = lettersOf(harness);
      await letters.drive(letters.redrive('0-0'));
      await letters.drive(letters.redrive('0-1'));
      await letters.drive(letters.purge('0-2'));
      const late = redrivesOf(harness, release === 'this');
      await harness.pass(2000);
      broken = false;
      await letters.drive(letters.redrive('0-0'));
      await harness.pass(2000);
      assert.deepEqual(await idsOf(letters), ['0-1/1']);
      comeLate(harness, late);
      await harness.pass(2000);
      process.kill();
      const { dispatcher } = await harness.start({}, {}, 'q');
      await harness.pass(12_000);
      comeLate(harness, late);
      await harness.pass(2000);
      assert.deepEqual(
        ['a', 'b', 'c'].map(key => harness.traceOf(key)),
        ['a1! a1! a1', 'b1! b1!', 'c1!'],
        `asked for by ${release} release`,
      );
      assert.deepEqual(await idsOf(letters), ['0-1/1']);
      assert.equal(dispatcher.view.partitions[0]?.openCommands, 0);
      await letters.drive(letters.redrive('0-1'));
      await harness.pass(2000);
      assert.deepEqual([harness.traceOf('b'), await idsOf(letters)], ['b1! b1! b1', []]);
    }
  });

  it('redriven by an owner that dies before it tells are not redriven again by the next one', async () => {
    const harness = new Harness();
    harness.publish('a1');
    harness.script = () => final;
    const { process } = await harness.start();
    await harness.pass(2000);
    const letters = lettersOf(harness);
    harness.broker.watches.push((topic, _, { value }) => {
      if (topic === 'g.parked' && Buffer.from(value).includes('"type":"park"')) process.kill();
    });
    await letters.drive(letters.redrive('0-0'));
    comeLate(harness, redrivesOf(harness, true));
    await harness.pass(2000);
    assert.deepEqual([harness.trace, await idsOf(letters)], ['a1!', ['0-0/0']]);
    harness.script = () => done;
    const { dispatcher } = await harness.start({}, {}, 'q');
    await harness.pass(12_000);
    assert.deepEqual([harness.trace, await idsOf(letters)], ['a1! a1', []]);
    assert.equal(dispatcher.view.partitions[0]?.openCommands, 0);
  });

  for (const [who, hasRead, what] of [
    ['that has read them', true, 'the dead letter at 0/\\d+ of g.dead'],
    ['before they were there', false, 'what stands of dead letter 0-\\d+ in g.dead'],
  ] as const)
    it(`of which a later release has written are left open, asked for by one ${who}, and the others are redriven`, async () => {
      const harness = new Harness();
      const count = 50;
      harness.publish(Array.from({ length: count }, (_, index) => `bad${index} good${index}`).join(' '));
      harness.publish('last1');
      let broken = true;
      harness.script = ({ text }) => (broken && !text.startsWith('good') ? final : done);
      const { process } = await harness.start();
      await harness.pass(60_000);
      const letters = lettersOf(harness);
      const known = (await idsOf(letters)).map(id => id.replace('/0', ''));
      assert.equal(known.length, count + 1);
      const last = `0-${2 * count}`;
      broken = false;
      process.kill();
      // As a process of that release asks for them, which knows where they stand.
      const events = known.filter(id => id !== last).map(id => Number(id.split('-')[1]));
      const written = events.map(event => ({
        key: null,
        partition: 0,
        value: Buffer.of(),
        headers: { 'tenfold-dead': JSON.stringify({ v: 2, type: 'letter', event }) },
      }));
      const placed = harness.broker.append('g.dead', written, 'a later release');
      const asOf = (placed[0]?.offset ?? 0) + (hasRead ? placed.length : 0);
      const commands = events.map((event, index) =>
        encodeParkingLogRecord(
          { type: 'command', verb: 'redrive', event, generation: 0, letter: placed[index]?.offset, asOf },
          0,
        ),
      );
      comeLate(harness, [...commands, ...commands]);
      await letters.drive(letters.redrive(last));
      const { dispatcher } = await harness.start({}, {}, 'q');
      await harness.pass(60_000);
      assert.equal(harness.traceOf('last'), 'last1! last1');
      assert.equal(harness.attempts.filter(({ process: name }) => name === 'q').length, 1, 'none else is attempted');
      assert.equal(dispatcher.view.partitions[0]?.openCommands, 2 * count);
      const told = new Set(harness.events.filter(event => event.startsWith('trouble')));
      assert.match([...told].join(), new RegExp(`^trouble: ${what} has version 2, of a later release`));
    });

  it('are looked through once for many redrives, not once for each', async () => {
    const harness = new Harness();
    const count = 300;
    // Were none handled in between, the destination would be left alone.
    harness.publish(Array.from({ length: count }, (_, index) => `bad${index} good${index}`).join(' '));
    let broken = true;
    harness.script = ({ text }) => (broken && text.startsWith('bad') ? final : done);
    const { process } = await harness.start();
    await harness.pass(60_000);
    const letters = lettersOf(harness);
    const ids = (await idsOf(letters)).map(id => id.replace('/0', ''));
    assert.equal(ids.length, count);
    broken = false;
    process.kill();
    await letters.drive(
      letters.order(
        'redrive',
        ids.map(id => ({ id })),
      ),
    );
    comeLate(harness, redrivesOf(harness, false));
    const reads: number[] = [];
    const next = harness.simulation.process('q');
    const log = new SimulatedLog(harness.broker, next);
    log.read = (topic, partition, from, limits) => {
      if (topic === 'g.dead' && limits.maxRecords > 1) reads.push(from);
      return SimulatedLog.prototype.read.call(log, topic, partition, from, limits);
    };
    await harness.start({}, { world: next.world, log });
    await harness.pass(60_000);
    assert.equal(harness.attempts.length, count * 3);
    assert.deepEqual(await idsOf(letters), []);
    assert.ok(reads.length <= 3, `${reads.length} reads, from ${reads.slice(0, 10)}`);
  });
});

describe('redrives of several events of one key', () => {
  /** Given up in this order, and then to be handled. */
  async function begin(texts: string, settings: Parameters<Harness['start']>[0] = {}) {
    const harness = new Harness();
    harness.publish(texts);
    let broken = true;
    harness.script = ({ text }) => (broken && !text.startsWith('good') ? final : done);
    const { process } = await harness.start(settings);
    await harness.pass(20_000);
    const letters = lettersOf(harness);
    const ids = (await idsOf(letters)).map(id => id.replace('/0', ''));
    harness.attempts.length = 0;
    broken = false;
    return { harness, process, letters, ids };
  }
  const redriveOf = (event: number, generation: number, letter: number) =>
    encodeParkingLogRecord({ type: 'command', verb: 'redrive', event, generation, letter, asOf: letter + 1 }, 0);

  it('attempt them in the order of the log, however long it takes to read each letter', async () => {
    const texts = Array.from({ length: 60 }, (_, index) => `a${index} b${index}`).join(' ');
    const { harness, process, letters, ids } = await begin(texts);
    process.kill();
    await letters.drive(
      letters.order(
        'redrive',
        ids.map(id => ({ id })),
      ),
    );
    const next = harness.simulation.process('q');
    const log = new SimulatedLog(harness.broker, next);
    log.read = async (topic, partition, from, limits) => {
      if (topic === 'g.dead') await sleep(next.world, from % 3 === 0 ? 200 : 200 - from);
      return SimulatedLog.prototype.read.call(log, topic, partition, from, limits);
    };
    await harness.start({}, { world: next.world, log });
    await harness.pass(60_000);
    for (const key of ['a', 'b']) {
      assert.equal(harness.traceOf(key), Array.from({ length: 60 }, (_, index) => `${key}${index}`).join(' '));
    }
    assert.deepEqual(await idsOf(letters), []);
  });

  it('attempt first what came first, also where its letter was not confirmed yet', async () => {
    const { harness, process, letters } = await begin('a1 a2');
    process.kill();
    const slowly = () => new Promise<void>(resolve => harness.simulation.after(1_000, 'tells', resolve));
    await harness.start({}, { deadLettered: slowly }, 'q');
    let fails = true;
    harness.script = ({ text }) => (fails && text === 'a1' ? final : done);
    harness.broker.watches.push((topic, _, record) => {
      const again = topic === 'g.dead' && JSON.stringify(record.headers).includes('"generation\\":1,\\"reason');
      if (!again) return;
      fails = false;
      comeLate(harness, [redriveOf(0, 1, record.offset), redriveOf(1, 0, 1)]);
    });
    await letters.drive(letters.redrive('0-0'));
    await harness.pass(20_000);
    assert.equal(harness.trace, 'a1! a1 a2');
  });

  it('do not wait for room in a parking log that is full of what is held, nor behind what needs room there', async () => {
    const harness = new Harness();
    harness.publish('x1');
    harness.script = () => final;
    await harness.start({ onExhausted: 'hold', parking: { maxKeys: 2, maxSize: 10_000_000 } });
    await harness.pass(2000);
    const letters = lettersOf(harness);
    await letters.drive(letters.skip('0-0'));
    await harness.pass(2000);
    harness.publish('a1 b1');
    await harness.pass(2000);
    assert.deepEqual(await idsOf(letters), ['0-0/0', '0-1/0 held', '0-2/0 held']);
    harness.script = () => done;
    harness.attempts.length = 0;
    await letters.drive(letters.order('redrive', [{ id: '0-0' }, { id: '0-1' }]));
    await harness.pass(500);
    await letters.drive(letters.redrive('0-2'));
    await harness.pass(20_000);
    assert.deepEqual([harness.trace.split(' ').sort(), await idsOf(letters)], [['a1', 'b1', 'x1'], []]);
  });

  it('attempt first what came first, also where it had to wait for room in the parking log', async () => {
    const { harness, letters } = await begin('b1 a1 a2', { parking: { maxKeys: 1, maxSize: 10_000_000 } });
    const { attempts } = harness;
    harness.script = () => (attempts.length === 1 ? fail() : done);
    harness.broker.watches.push((topic, _, { value }) => {
      const isFirst = topic === 'g.parked' && Buffer.from(value).includes('"type":"done"') && attempts.length === 2;
      if (isFirst) comeLate(harness, [redriveOf(2, 0, 2)]);
    });
    await letters.drive(letters.redrive('0-0'));
    await harness.pass(100);
    await letters.drive(letters.redrive('0-1'));
    await harness.pass(20_000);
    assert.equal(harness.trace, 'b1! b1 a1 a2');
  });
});
