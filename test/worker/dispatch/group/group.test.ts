// Where a group begins to read, and the topics of its own that it makes before, also where
// several processes do so at once.
import assert from 'node:assert/strict';
import { TenfoldError } from '../../../../core/errors.ts';
import { OFFSETS_PER_EPOCH } from '../../../../drivers/event-log/epochs.ts';
import { COPY_BYTES, type EventLog, type TopicSettings } from '../../../../drivers/event-log/event-log.ts';
import { createGrowth, ensureAtLeast } from '../../../../worker/dispatch/group/ensure-at-least.ts';
import { type Beginning, seekBeginning } from '../../../../worker/dispatch/group/seek-beginning.ts';
import { startGroup } from '../../../../worker/dispatch/group/start-group.ts';
import { Simulation } from '../../../simulation/kernel/simulation.ts';
import { EPOCH } from '../../../simulation/kernel/virtual-time.ts';
import { SimulatedBroker } from '../../../simulation/log/broker.ts';
import { SimulatedLog } from '../../../simulation/log/simulated-log.ts';
import { settingsFor } from '../harness.ts';

class Begin {
  readonly simulation = new Simulation(1);
  readonly broker = new SimulatedBroker(this.simulation);
  readonly log = new SimulatedLog(this.broker, this.simulation.process('p'));

  /** Three partitions; of the second the first two events are gone. */
  topic(): this {
    this.broker.ensureTopic('t', { partitions: 3 });
    for (const [partition, count] of [2, 4, 0].entries())
      for (let number = 0; number < count; number++)
        this.broker.append('t', [{ key: 'k', value: Buffer.from(''), headers: {}, partition }], 'publisher');
    this.broker.partition('t', 1).trim(2);
    return this;
  }

  positions(): (number | undefined)[] {
    return [0, 1, 2].map(partition => this.broker.position('g', 't', partition)?.offset);
  }

  /** `log`: what a test lets happen in place of the log. */
  async seek(from: Beginning, log: Partial<EventLog> = {}): Promise<(number | undefined)[]> {
    const own: EventLog = Object.assign(this.log, log);
    await this.simulation.drive(seekBeginning(own, 'g', 't', from));
    return this.positions();
  }

  start(from: Beginning = 'latest'): Promise<number> {
    return this.simulation.drive(startGroup(this.log, settingsFor({ from, deadLetterRetention: 5000 })));
  }
}

const refusing = (code: 'conflict' | 'log-unavailable') => async () => {
  throw new TenfoldError(code, 'no');
};

describe('the beginning of a group', () => {
  it('is the start or the end of each partition, or where a time is', async () => {
    assert.deepEqual(await new Begin().topic().seek('earliest'), [0, 2, 0]);
    const offsetAt = () => assert.fail('no time was asked for');
    assert.deepEqual(await new Begin().topic().seek('latest', { offsetAt }), [2, 4, 0]);
    assert.deepEqual(await new Begin().topic().seek({ time: EPOCH }), [0, 2, 0]);
    assert.deepEqual(await new Begin().topic().seek({ time: EPOCH + 1 }), [2, 4, 0]);
  });

  it('says nothing in its metadata', async () => {
    const begin = new Begin().topic();
    await begin.seek('earliest');
    assert.equal(begin.broker.position('g', 't', 1)?.metadata, '');
  });

  it('is left alone once the group has a position anywhere', async () => {
    const begin = new Begin().topic();
    begin.broker.setPosition('g', 't', 1, { offset: 3, metadata: 'ours' });
    assert.deepEqual(await begin.seek('latest'), [undefined, 3, undefined]);
  });

  it('is that of another process which was faster, and is not found where the log fails', async () => {
    assert.deepEqual(await new Begin().topic().seek('latest', { seek: refusing('conflict') }), [
      undefined,
      undefined,
      undefined,
    ]);
    const failing = { seek: refusing('log-unavailable') };
    await assert.rejects(new Begin().topic().seek('latest', failing), { code: 'log-unavailable' });
    const broken = {
      seek: async () => {
        throw new Error('conflict');
      },
    };
    await assert.rejects(new Begin().topic().seek('latest', broken), /conflict/);
  });

  it('is refused without the topic', async () => {
    await assert.rejects(new Begin().seek('latest'), { code: 'not-found', message: /g: there is no topic t/ });
    await assert.rejects(new Begin().start(), { code: 'not-found', message: /g: there is no topic t/ });
  });
});

describe('a group that starts', () => {
  it('has a parking log and dead letters with a partition for each of the topic, and is told how many', async () => {
    const begin = new Begin().topic();
    assert.equal(await begin.start(), 3);
    const settings = (topic: string) => begin.broker.topic(topic)?.settings;
    assert.deepEqual(settings('g.parked'), { partitions: 3, recordBytes: COPY_BYTES });
    assert.deepEqual(settings('g.dead'), { partitions: 3, recordBytes: COPY_BYTES, retentionMs: 5000 });
    assert.deepEqual(begin.positions(), [2, 4, 0]);
  });

  it('reads all of a topic that was made again since it had begun, and begins as it is asked where it is new to it', async () => {
    for (const [hadBegun, expected] of [
      [true, [OFFSETS_PER_EPOCH, OFFSETS_PER_EPOCH, OFFSETS_PER_EPOCH]],
      [false, [OFFSETS_PER_EPOCH + 1, OFFSETS_PER_EPOCH, OFFSETS_PER_EPOCH]],
    ] as const) {
      const begin = new Begin().topic();
      if (hadBegun) {
        await begin.start();
        begin.broker.append('g.parked', [{ key: null, value: Buffer.from(''), headers: {}, partition: 2 }], 'owner');
      }
      begin.broker.deleteTopic('t');
      begin.broker.ensureTopic('t', { partitions: 3 });
      begin.broker.append('t', [{ key: 'k', value: Buffer.from(''), headers: {}, partition: 0 }], 'publisher');
      await begin.start();
      assert.deepEqual(begin.positions(), expected);
    }
  });

  it('begins as it is asked where it has no position, though it has a parking log', async () => {
    const begin = new Begin().topic();
    begin.broker.ensureTopic('g.parked', { partitions: 3 });
    begin.broker.append('g.parked', [{ key: null, value: Buffer.from(''), headers: {}, partition: 0 }], 'owner');
    await begin.start();
    assert.deepEqual(begin.positions(), [2, 4, 0]);
  });

  it('had begun also where its parking log was trimmed to its end, or made again', async () => {
    for (const change of ['trimmed', 'made again'] as const) {
      const begin = new Begin().topic();
      await begin.start();
      begin.broker.append('g.parked', [{ key: null, value: Buffer.from(''), headers: {}, partition: 0 }], 'owner');
      if (change === 'trimmed') begin.broker.partition('g.parked', 0).trim(0);
      else begin.broker.deleteTopic('g.parked');
      begin.broker.deleteTopic('t');
      begin.broker.ensureTopic('t', { partitions: 3 });
      begin.broker.append('t', [{ key: 'k', value: Buffer.from(''), headers: {}, partition: 0 }], 'publisher');
      await begin.start();
      assert.deepEqual(begin.positions(), [OFFSETS_PER_EPOCH, OFFSETS_PER_EPOCH, OFFSETS_PER_EPOCH]);
    }
  });
});

describe('topics that several processes let grow', () => {
  const asked: TopicSettings[] = [];
  const log = (refuses?: 'conflict' | 'log-unavailable'): Pick<EventLog, 'ensureTopic'> => ({
    async ensureTopic(_, settings) {
      asked.push(settings);
      if (refuses) throw new TenfoldError(refuses, 'no');
    },
  });
  beforeEach(() => void asked.splice(0));

  it('are left as they are where another process knows of more partitions; other failures are told', async () => {
    await ensureAtLeast(log('conflict'), 't', { partitions: 2 });
    await assert.rejects(ensureAtLeast(log('log-unavailable'), 't', { partitions: 2 }), { code: 'log-unavailable' });
    const broken = { ensureTopic: () => Promise.reject(new Error('conflict')) };
    await assert.rejects(ensureAtLeast(broken, 't', { partitions: 2 }), /conflict/);
  });

  it('grow for what goes beyond what is known, once', async () => {
    const grow = createGrowth(log(), 't', { partitions: 2, retentionMs: 7 });
    for (const partition of [0, 1, 2, 2, 5, 3]) await grow(partition);
    assert.deepEqual(
      asked,
      [3, 6].map(partitions => ({ partitions, retentionMs: 7, recordBytes: COPY_BYTES })),
    );
  });

  it('are asked for again where that failed', async () => {
    const grow = createGrowth(log('log-unavailable'), 't', { partitions: 1 });
    await assert.rejects(grow(1));
    await assert.rejects(grow(1));
    assert.equal(asked.length, 2);
  });
});
