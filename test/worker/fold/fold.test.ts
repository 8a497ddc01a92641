// Folds over the real log and store: what is kept, what is set aside, and where they go on.
import assert from 'node:assert/strict';
import { TenfoldError } from '../../../core/errors.ts';
import { realWorld, type World } from '../../../core/world.ts';
import type { EventLog, LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { Store } from '../../../drivers/store/store.ts';
import { type FoldSettings, startFold } from '../../../worker/fold/fold.ts';
import { startRekey } from '../../../worker/fold/rekey.ts';
import { formatMark, markOf, SOURCE_HEADER } from '../../../worker/fold/source-mark.ts';
import type { Stage, StageObserver } from '../../../worker/fold/stage.ts';
import { readAll, record, textOf, until } from '../../contract/event-log/subject.ts';
import { openLog } from '../../drivers/event-log/sqlite/open-log.ts';
import { temporaryFolder } from '../../drivers/sqlite/temporary-folder.ts';
import { openStore } from '../../drivers/store/sqlite/open-store.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';

let log: EventLog;
let store: Store;
let stages: Stage[];
let told: string[];
let refused: string[];
const folders: { remove(): void }[] = [];

const observer: StageObserver = {
  trouble: (_partition, error) => told.push(`trouble: ${String(error)}`),
  superseded: (_partition, why) => told.push(`superseded: ${why}`),
  jumped: (_partition, from, to) => told.push(`jumped ${from} to ${to}`),
  refused: (_partition, record) => told.push(`refused ${textOf(record)}`),
};

const keep = async (_partition: number, record: LogRecord) => {
  refused.push(textOf(record));
};

const fold = async (more: Partial<FoldSettings> = {}, world: World = realWorld) => {
  const settings: FoldSettings = {
    group: 'fold',
    topic: 'keyed',
    consumer: 'fold',
    scopeOf: partition => `fold/${partition}`,
    refused: keep,
    toChanges: async records =>
      records.map(each => ({ kind: 'put-row', table: 'rows', key: each.key ?? '', value: each.value })),
    ...more,
  };
  const stage = await startFold({ world, log, store, settings, observer });
  stages.push(stage);
  return stage;
};

/** `place`: offset and index in the source. */
const append = (key: string, text: string, place: string, partition = 0) => {
  const [offset, index] = place.split('.').map(Number);
  const mark = formatMark({ topic: 'events', partition: 0, offset: offset ?? 0, index: index ?? 0 });
  return log.append('keyed', [record(key, text, { partition, headers: { [SOURCE_HEADER]: mark } })]);
};

const rowOf = async (key: string, partition = 0) => {
  const row = await store.row(`fold/${partition}`, 'rows', key);
  return row && Buffer.from(row.value).toString();
};

function useLogAndStore(): void {
  beforeEach(async () => {
    const [one, other] = [temporaryFolder(), temporaryFolder()];
    folders.push(one, other);
    log = await openLog(one.file);
    store = await openStore(other.file);
    stages = [];
    told = [];
    refused = [];
    await log.ensureTopic('events', { partitions: 1 });
    await log.ensureTopic('keyed', { partitions: 2 });
  });
  afterEach(async () => {
    for (const stage of stages) await stage.close(1_000);
    await log.close();
    await store.close();
    for (const folder of folders.splice(0)) folder.remove();
  });
}

describe('a fold', () => {
  useLogAndStore();

  const rekey = async () => {
    const settings = {
      group: 'rekey',
      topic: 'events',
      target: 'keyed',
      refused: keep,
      project(record: LogRecord) {
        const text = textOf(record);
        if (text === 'bad') throw new TenfoldError('expression-failed', 'It has no key.');
        return text.split('+').map(value => ({ key: value.slice(0, 1), value: Buffer.from(value) }));
      },
    };
    const stage = await startRekey({ world: realWorld, log, settings, observer });
    stages.push(stage);
    return stage;
  };

  it('gets events by the key of the state, each with where it came from', async () => {
    await log.append('events', [record(null, 'a1+b1'), record(null, 'a2')]);
    await rekey();
    const all = async () => [...(await readAll(log, 'keyed', 0)), ...(await readAll(log, 'keyed', 1))];
    await until('they are there', async () => (await all()).length === 3);
    const found = (await all()).map(each => [each.key, textOf(each), markOf(each)?.offset, markOf(each)?.index]);
    assert.deepEqual(found.sort(), [
      ['a', 'a1', 0, 0],
      ['a', 'a2', 1, 0],
      ['b', 'b1', 0, 1],
    ]);
  });

  it('sets an event aside of which nothing can be made, and goes on', async () => {
    await log.append('events', [record(null, 'a1'), record(null, 'bad'), record(null, 'a2')]);
    const stage = await rekey();
    await until('the position is behind them', async () => (await log.positions('rekey', 'events'))[0]?.offset === 3);
    assert.deepEqual(refused, ['bad']);
    assert.equal(stage.totals.refused, 1);
  });

  it('makes the changes that time asks for, at the position it has, with records and without', async () => {
    let due = 3;
    const upkeep = {
      everyMs: 20,
      async toChanges() {
        if (due === 0) return [];
        return [{ kind: 'put-row', table: 'rows', key: `due-${due--}`, value: 'made' } as const];
      },
    };
    await append('a', 'a1', '0.0');
    await fold({ upkeep });
    await until('all are made', async () => (await rowOf('due-1')) === 'made');
    assert.equal(await store.position('fold/0', 'fold', 0), 1);
    due = 1;
    await until('it is made while nothing comes', async () => due === 0);
    await append('a', 'a2', '1.0');
    await until('the fold goes on', async () => (await rowOf('a')) === 'a2');
    assert.deepEqual(told, []);
  });

  it('tells of an upkeep that fails, and tries it again', async () => {
    let turns = 0;
    const upkeep = {
      everyMs: 20,
      async toChanges() {
        if (++turns === 1) throw new TenfoldError('store-unavailable', 'It is away.');
        return [];
      },
    };
    await append('a', 'a1', '0.0');
    await fold({ upkeep });
    await until('it was asked again', async () => turns >= 3);
    assert.equal(told.filter(line => /It is away/.test(line)).length, 1);
    assert.equal(await rowOf('a'), 'a1');
  });
});

describe('a fold that meets repeats and trouble', () => {
  useLogAndStore();

  it('leaves out what was appended twice', async () => {
    await append('a', 'a1', '0.0');
    await append('a', 'a2', '1.0');
    await append('a', 'a1 again', '0.0');
    await append('b', 'b1', '1.1');
    await append('b', 'b1 again', '1.1');
    const stage = await fold();
    await until('all are folded', () => stage.totals.handled + stage.totals.repeated === 5);
    assert.equal(await rowOf('a'), 'a2');
    assert.equal(await rowOf('b'), 'b1');
    assert.equal(stage.totals.repeated, 2);
  });

  it('remembers what it has seen when another goes on', async () => {
    await append('a', 'a1', '5.0');
    const first = await fold();
    await until('it is folded', () => first.totals.handled === 1);
    await first.close(1_000);
    await append('a', 'older', '4.0');
    await append('b', 'b1', '6.0');
    const second = await fold();
    await until('the rest is folded', () => second.totals.handled === 1);
    assert.equal(second.totals.repeated, 1);
    assert.equal(await rowOf('a'), 'a1');
  });

  it('goes back to the stored position when somebody else has moved it', async () => {
    await append('a', 'a1', '0.0');
    const stage = await fold();
    await until('it is folded', () => stage.totals.handled === 1);
    await store.drop('fold/0');
    await append('b', 'b1', '1.0');
    await until('all is folded anew', async () => (await rowOf('b')) === 'b1');
    assert.equal(await rowOf('a'), 'a1');
    assert.ok(
      told.some(each => each.startsWith('superseded')),
      told.join(),
    );
  });

  it('notices that the store has lost its newest changes also when no event comes', async () => {
    await append('a', 'a1', '0.0');
    const world = createFakeWorld();
    const stage = await fold({}, world);
    await until('it is folded', () => stage.totals.handled === 1);
    await store.drop('fold/0');
    await until('it is folded again', async () => {
      await world.pass(1_000);
      return (await rowOf('a')) === 'a1';
    });
  });

  it('sets aside the one record that no store takes, and folds those before and behind it', async () => {
    await append('a', 'a1', '0.0');
    await append('b', 'too much', '1.0');
    await append('c', 'c1', '2.0');
    const toChanges: FoldSettings['toChanges'] = async records =>
      records.map(each => {
        const key = textOf(each) === 'too much' ? 'x'.repeat(2_000) : (each.key ?? '');
        return { kind: 'put-row', table: 'rows', key, value: each.value };
      });
    const stage = await fold({ toChanges });
    await until('all are folded', () => stage.totals.handled === 3);
    assert.deepEqual(refused, ['too much']);
    assert.deepEqual([await rowOf('a'), await rowOf('c')], ['a1', 'c1']);
    assert.equal(await store.position('fold/0', 'fold', 0), 3);
  });

  it('tells of what retention has deleted before it was read', async () => {
    for (let offset = 0; offset < 4; offset++) await append('a', `a${offset}`, `${offset}.0`);
    await log.trim('keyed', 0, 2);
    const stage = await fold();
    await until('the rest is folded', () => stage.totals.handled === 2);
    assert.equal(stage.totals.jumped, 2);
    assert.deepEqual(told, ['jumped 0 to 2']);
  });

  it('tries again what may pass', async () => {
    await append('a', 'a1', '0.0');
    let attempts = 0;
    const stage = await fold({
      toChanges: async records => {
        if (++attempts < 3) throw new TenfoldError('store-unavailable', 'away');
        return records.map(each => ({ kind: 'put-row', table: 'rows', key: each.key ?? '', value: each.value }));
      },
    });
    await until('it is folded', () => stage.totals.handled === 1);
    assert.equal(attempts, 3);
    assert.deepEqual(refused, []);
  });

  it('does not begin without its topics', async () => {
    await assert.rejects(fold({ topic: 'nowhere' }), { code: 'not-found' });
  });
});
