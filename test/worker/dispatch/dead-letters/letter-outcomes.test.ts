// Several orders about one dead letter: each says what really came of it, whoever asked first,
// whoever owns the partition.
// Key to the traces: `a1` is the first event with the key `a`; `a1!` is an attempt that failed.
import assert from 'node:assert/strict';
import { sleep } from '../../../../core/world.ts';
import type { NewRecord } from '../../../../drivers/event-log/event-log.ts';
import { createDeadLetters } from '../../../../worker/dispatch/dead-letters/dead-letters.ts';
import type { DispatchSettings } from '../../../../worker/dispatch/settings.ts';
import { SimulatedLog } from '../../../simulation/log/simulated-log.ts';
import { done, Harness } from '../harness.ts';
import { final, idsOf, lettersOf } from './letters.ts';

const edit = { value: Buffer.from('a1-edited'), headers: {} };

describe('several orders about one dead letter', () => {
  async function deadLetter(some: Partial<DispatchSettings> = {}) {
    const harness = new Harness();
    harness.publish('a1');
    let isBroken = true;
    harness.script = () => (isBroken ? final : done);
    const { process } = await harness.start(some);
    await harness.pass(2000);
    isBroken = false;
    const [one, other] = ['one', 'other'].map(name => lettersOf(harness, { source: 't', name }));
    assert.ok(one && other);
    await idsOf(one);
    await idsOf(other);
    const both = async (first: Promise<readonly unknown[]>, second: Promise<readonly unknown[]>) => {
      const all = await one.drive(Promise.all([first, second]));
      return all.map(([refusal]) => (refusal instanceof Error && 'code' in refusal ? refusal.code : refusal));
    };
    return { harness, process, one, other, both };
  }

  it('tell the edit that a redrive in flight overtook it, and the redrive that it counts', async () => {
    const { harness, one, other, both } = await deadLetter();
    const outcomes = await both(
      one.order('redrive', [{ id: '0-0' }]),
      other.order('redrive', [{ id: '0-0', change: edit }]),
    );
    await harness.pass(3000);
    const isEdited = harness.trace === 'a1! a1-edited';
    assert.deepEqual(outcomes, isEdited ? ['conflict', undefined] : [undefined, 'conflict']);
    assert.equal(harness.attempts.length, 2);
  });

  it('count in the order in which they came, also where one append has both', async () => {
    const { harness, one } = await deadLetter();
    const refusals = await one.drive(one.order('redrive', [{ id: '0-0' }, { id: '0-0', change: edit }]));
    assert.equal(refusals[0], undefined);
    assert.match(
      refusals[1]?.message ?? '',
      /another order for dead letter 0-0 overtook this one, which changed nothing/,
    );
    await harness.pass(3000);
    assert.equal(harness.trace, 'a1! a1');
  });

  it('tell the purge that came after a redrive, and redrive it', async () => {
    const { harness, one } = await deadLetter();
    assert.deepEqual(await one.drive(one.order('redrive', [{ id: '0-0' }])), [undefined]);
    const late = lettersOf(harness, { source: 't', name: 'late' });
    const [refusal] = await late.drive(late.order('purge', [{ id: '0-0' }]));
    assert.ok(refusal);
    await harness.pass(3000);
    assert.equal(harness.trace, 'a1! a1');
    assert.equal(one.decision('0-0')?.mark ?? 'redriven', 'redriven');
  });

  it('tell a redrive that the letter was purged before, and purge it once', async () => {
    const { harness, one, other, both } = await deadLetter();
    const outcomes = await both(one.order('purge', [{ id: '0-0' }]), other.order('redrive', [{ id: '0-0' }]));
    await harness.pass(3000);
    const isPurged = harness.trace === 'a1!';
    assert.deepEqual(outcomes, isPurged ? [undefined, 'conflict'] : ['conflict', undefined]);
  });

  it('tell the one whose letter was redriven and handled before it came to the log', async () => {
    const { harness, one } = await deadLetter();
    const process = harness.simulation.process('late');
    const log = new SimulatedLog(harness.broker, process);
    const append = log.append.bind(log);
    Object.assign(log, {
      async append(topic: string, records: readonly NewRecord[]) {
        // The letter was there when this one looked.
        assert.deepEqual(await one.order('redrive', [{ id: '0-0' }]), [undefined]);
        await sleep(process.world, 3000);
        return append(topic, records);
      },
    });
    const late = createDeadLetters(process.world, log, 'g', { source: 't' });
    const [refusal] = await one.drive(late.order('redrive', [{ id: '0-0', change: edit }]));
    assert.match(refusal?.message ?? '', /overtook/);
    assert.equal(harness.trace, 'a1! a1');
  });

  it('say that nobody knows while no worker is there: the first is kept, and counts later', async () => {
    const { harness, process, one, other } = await deadLetter();
    process.kill();
    assert.deepEqual(await one.drive(one.order('redrive', [{ id: '0-0', change: edit }])), [undefined]);
    const [refusal] = await other.drive(other.order('redrive', [{ id: '0-0' }]));
    assert.equal(refusal?.code, 'not-ready');
    assert.match(refusal?.message ?? '', /no worker has said yet which one counts/);
    await harness.start({}, {}, 'q');
    await harness.pass(60_000);
    assert.equal(harness.trace, 'a1! a1-edited');
  });

  it('tell a skip that the held event was redriven', async () => {
    const { harness, one, both } = await deadLetter({ onExhausted: 'hold' });
    const outcomes = await both(one.order('redrive', [{ id: '0-0' }]), one.order('skip', [{ id: '0-0' }]));
    await harness.pass(3000);
    assert.deepEqual(outcomes, [undefined, 'conflict']);
    assert.equal(harness.trace, 'a1! a1');
  });
});
