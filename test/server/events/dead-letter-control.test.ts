// Commands for many dead letters: what is taken and in which order, what cannot be, how far it is,
// and that an absent log ends them.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { CommandProgress, DeadLetterCommand } from '../../../admin/commands/dead-letter-view.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { deadTopicOf, parkingLogTopicOf } from '../../../core/names.ts';
import { realWorld } from '../../../core/world.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import { createDeadLetterControl } from '../../../server/events/control/dead-letter-control.ts';
import { encodeLetter } from '../../../worker/dispatch/dead-letters/dead-letter-codec.ts';
import { createDeadLetters } from '../../../worker/dispatch/dead-letters/dead-letters.ts';
import type { DeadLetter } from '../../../worker/dispatch/settings.ts';
import { decodeParkingLogRecord } from '../../../worker/parking-log/parking-log-codec.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { openInlineLog } from '../../drivers/event-log/sqlite/open-inline-log.ts';
import { eventually } from '../../eventually.ts';

const GROUP = 'subscription.default.wall';
const consumer = { kind: 'Subscription', namespace: 'default', name: 'wall' } as const;
const PARTITIONS = 3;
const LETTERS = 330;

function letterOf(partition: number, offset: number): DeadLetter {
  const record = { key: `k${partition}`, value: Buffer.from('1'), headers: {}, offset, timestamp: 1 };
  const rest = { generation: 0, error: undefined, attempts: 1, at: 0, held: false };
  return { partition, offset, record, reason: 'exhausted', ...rest };
}

let log: EventLog;
let parkingLogAppends = 0;
let deadReads = 0;
/** The log is away from this append to the parking log on. */
let awayFrom = Number.POSITIVE_INFINITY;

const command = async (
  more: Omit<DeadLetterCommand, 'consumer'>,
  steps: CommandProgress[] = [],
  signal = new AbortController().signal,
) => {
  const schema = { type: 'object', required: ['cups'] };
  const control = createDeadLetterControl(realWorld, log, () => [{ name: consumer, group: GROUP, schema }]);
  return control.command({ consumer, ...more }, step => steps.push(step), signal);
};

const inParkingLog = async (partition: number) => {
  const limits = { maxRecords: 1000, maxBytes: 10_000_000 };
  return (await log.read(parkingLogTopicOf(GROUP), partition, 0, limits)).records;
};

const eventsInParkingLog = async (partition: number) =>
  (await inParkingLog(partition)).map(record => {
    const decoded = decodeParkingLogRecord(record);
    return decoded?.type === 'command' ? decoded.event : undefined;
  });

function useLog(): void {
  beforeEach(async () => {
    parkingLogAppends = 0;
    deadReads = 0;
    awayFrom = Number.POSITIVE_INFINITY;
    const real = await openInlineLog(join(tempFolder(), 'tenfold.db'));
    for (const topic of [deadTopicOf(GROUP), parkingLogTopicOf(GROUP)]) {
      await real.ensureTopic(topic, { partitions: PARTITIONS });
    }
    const letters = Array.from({ length: LETTERS }, (_, index) =>
      encodeLetter({ ...letterOf(index % PARTITIONS, Math.floor(index / PARTITIONS)), at: index }),
    );
    await real.append(deadTopicOf(GROUP), letters);
    log = Object.assign(Object.create(real), {
      async append(topic: string, records: Parameters<EventLog['append']>[1]) {
        if (topic === parkingLogTopicOf(GROUP) && ++parkingLogAppends >= awayFrom) {
          throw new TenfoldError('log-unavailable', 'The log is away.');
        }
        return real.append(topic, records);
      },
      async bounds(topic: string) {
        if (topic === deadTopicOf(GROUP)) deadReads++;
        return real.bounds(topic);
      },
      close: () => real.close(),
    });
  });
  afterEach(async () => {
    await log.close();
    removeTempFolders();
  });
}

describe('commands for dead letters', () => {
  useLog();

  it('finds the owners once for all groups that are counted', async () => {
    let asked = 0;
    const control = createDeadLetterControl(realWorld, log, () => {
      asked++;
      return [{ name: consumer, group: GROUP }];
    });
    const count = control.counter();
    assert.deepEqual(await Promise.all([count(GROUP), count('elsewhere'), count(GROUP)]), [LETTERS, 0, LETTERS]);
    assert.equal(asked, 1);
  });

  it('redrives nothing where that is final, also after the letters were counted before their owner was known', async () => {
    const final = 'A View takes each event once.';
    let owners: { name: typeof consumer; group: string; final: string }[] = [];
    const control = createDeadLetterControl(realWorld, log, () => owners);
    assert.equal(await control.counter()(GROUP), LETTERS);
    owners = [{ name: consumer, group: GROUP, final }];
    assert.equal(await control.counter()(GROUP), LETTERS);
    const { signal } = new AbortController();
    const { taken, failed } = await control.command({ consumer, action: 'redrive', ids: ['0-0'] }, () => {}, signal);
    assert.deepEqual([taken, failed], [0, [{ id: '0-0', message: final }]]);
  });

  it('take all of each partition, one after the other, and say how far they are', async () => {
    const steps: CommandProgress[] = [];
    const end = await command({ action: 'redrive', query: {} }, steps);
    assert.deepEqual(end, { taken: LETTERS, failed: [], total: LETTERS });
    assert.deepEqual(
      steps.map(({ taken }) => taken),
      [100, 200, 300],
    );
    for (let partition = 0; partition < PARTITIONS; partition++) {
      assert.deepEqual(
        await eventsInParkingLog(partition),
        Array.from({ length: LETTERS / PARTITIONS }, (_, index) => index),
      );
    }
  });

  it('take events of one key in the order in which they came, whenever they were given up and however they are named', async () => {
    await command({ action: 'redrive', ids: ['0-40', '0-9', '0-100', '0-3', '0-41'] });
    assert.deepEqual(await eventsInParkingLog(0), [3, 9, 40, 41, 100]);
    const late = encodeLetter({ ...letterOf(0, 2), generation: 1, at: 5000 });
    await log.append(deadTopicOf(GROUP), [late]);
    await command({ action: 'redrive', query: { key: 'k0' } });
    assert.deepEqual((await eventsInParkingLog(0)).slice(5, 10), [0, 1, 2, 3, 4]);
  });

  it('take a page of them with one append, and look once for what there is', async () => {
    await command({ action: 'purge', query: {} });
    const pages = Math.ceil(LETTERS / 100);
    assert.equal(parkingLogAppends, pages);
    assert.ok(deadReads <= 2 * pages, `${deadReads} looks`);
  });

  it('say of each that could not be taken why, once on the way and all at the end', async () => {
    const steps: CommandProgress[] = [];
    const ids = Array.from({ length: 220 }, (_, index) => (index % 2 === 0 ? `0-${index / 2}` : `1-${5000 + index}`));
    const end = await command({ action: 'purge', ids }, steps);
    assert.deepEqual([end.taken, end.failed.length], [110, 110]);
    assert.match(end.failed[0]?.message ?? '', /no dead letter 1-5001/);
    const onTheWay = steps.flatMap(({ failed }) => failed.map(({ id }) => id));
    assert.equal(new Set(onTheWay).size, onTheWay.length);
  });
});

describe('the first reading of very many dead letters', () => {
  useLog();

  it('is waited for a moment, then told, and goes on', async () => {
    const gate = Promise.withResolvers<void>();
    const slow: EventLog = Object.assign(Object.create(log), {
      async read(...given: Parameters<EventLog['read']>) {
        if (given[1] === PARTITIONS - 1) await gate.promise;
        return log.read(...given);
      },
    });
    const letters = createDeadLetters(realWorld, slow, GROUP, { patienceMs: 20 });
    const told = { code: 'not-ready', message: /are being read, 220 of 330 records until now\. Ask again/ };
    await eventually(
      () =>
        letters.groups({}, 10).then(
          () => false,
          ({ message }) => /, 220 of/.test(message),
        ),
      'it is read',
    );
    await assert.rejects(letters.list({}, 10), told);
    await assert.rejects(letters.find({}), told);
    gate.resolve();
    assert.equal(await letters.count(), LETTERS);
    assert.equal((await letters.find({})).letters.length, LETTERS);
  });
});

describe('commands for dead letters that cannot be carried out', () => {
  useLog();

  it('end when the log is away, and append nothing more', async () => {
    awayFrom = 2;
    await assert.rejects(command({ action: 'redrive', query: {} }), /The log is away/);
    await new Promise(resolve => setImmediate(resolve));
    assert.equal(parkingLogAppends, 2);
  });

  it('end when whoever asked has left', async () => {
    const gone = new AbortController();
    gone.abort(new Error('The caller has left.'));
    await assert.rejects(command({ action: 'redrive', query: {} }, [], gone.signal), /has left/);
    assert.equal(parkingLogAppends, 0);
  });

  it('refuse edited data that are not what the event says, and keep the letter', async () => {
    const end = await command({ action: 'redrive', ids: ['0-1'], edit: { text: '{' } });
    assert.match(end.failed[0]?.message ?? '', /no JSON/);
    assert.equal(parkingLogAppends, 0);
  });

  it('refuse edited data that the topic would not take, and redrive what it would', async () => {
    const refused = await command({ action: 'redrive', ids: ['0-1'], edit: { text: '{"cup":1}' } });
    assert.match(refused.failed[0]?.message ?? '', /does not match its schema/);
    assert.equal(parkingLogAppends, 0);
    const taken = await command({ action: 'redrive', ids: ['0-1'], edit: { text: '{"cups":1}' } });
    assert.deepEqual(taken, { taken: 1, failed: [], total: 1 });
    assert.match(Buffer.from((await inParkingLog(0))[0]?.value ?? '').toString(), /\n\{"cups":1\}$/);
  });

  it('skip only what is held', async () => {
    const end = await command({ action: 'skip', ids: ['0-1'] });
    assert.match(end.failed[0]?.message ?? '', /holds up nothing/);
  });

  describe('of which a later release has written', () => {
    const LATER = [7, 8];
    const refusal =
      'subscription.default.wall: dead letter 0-7 has version 2, of a later release; this release reads up to 1. Finish the upgrade, or run the later release again.';
    const open = () => {
      const problems: string[] = [];
      const problem = (message: string, error: unknown) => problems.push(`${message}: ${(error as Error).message}`);
      const owner = { name: consumer, group: GROUP };
      return { control: createDeadLetterControl(realWorld, log, () => [owner], problem), problems };
    };
    beforeEach(() =>
      log.append(
        deadTopicOf(GROUP),
        LATER.map(event => ({
          key: 'k0',
          partition: 0,
          value: Buffer.from('1'),
          headers: { 'tenfold-dead': JSON.stringify({ v: 2, type: 'letter', event }) },
        })),
      ),
    );

    it('are shown to nobody who may not see their namespace', async () => {
      const { control } = open();
      const page = (visible: (namespace: string) => boolean) => control.deadLetters({ limit: 200, visible });
      assert.deepEqual(await page(namespace => namespace !== 'default'), { items: [] });
      assert.equal((await page(namespace => namespace === 'default')).items.length, 200);
    });

    it('are counted and not listed, and told once', async () => {
      const { control, problems } = open();
      const pages = [];
      for (let after: string | undefined; ; ) {
        const page = await control.deadLetters({ consumer, limit: 200, ...(after === undefined ? {} : { after }) });
        pages.push(page);
        after = page.next;
        if (after === undefined) break;
      }
      const ids = pages.flatMap(({ items }) => items.map(({ id }) => id));
      assert.equal(ids.length, LETTERS - LATER.length);
      assert.ok(!ids.includes('0-7'));
      assert.deepEqual(
        pages.map(({ later }) => later),
        [LATER.length, undefined],
      );
      assert.equal(await control.counter()(GROUP), LETTERS);
      assert.deepEqual(problems, [
        `Dead letters that a later release has written are kept, and neither shown nor redriven here: ${refusal}`,
      ]);
    });

    for (const action of ['redrive', 'skip', 'purge'] as const)
      it(`are refused to ${action}, and left as they are when all are meant`, async () => {
        const { control } = open();
        const none = () => {};
        const { signal } = new AbortController();
        const one = await control.command({ action, consumer, ids: ['0-7'] }, none, signal);
        assert.deepEqual(one, { taken: 0, failed: [{ id: '0-7', message: refusal }], total: 1 });
        await assert.rejects(control.deadLetter(consumer, '0-7'), { code: 'later-release', message: refusal });
        const all = await control.command({ action, consumer, query: {} }, none, signal);
        assert.equal(all.later, LATER.length);
        assert.equal(all.total, LETTERS - LATER.length);
        const asked = await eventsInParkingLog(0);
        for (const event of LATER) assert.ok(!asked.includes(event), `${event}`);
      });
  });
});
