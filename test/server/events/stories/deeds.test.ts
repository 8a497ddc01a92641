// Who paused a consumer, or decided about an event: only what the audit log says for certain.
import assert from 'node:assert/strict';
import type { AuditEntry } from '../../../../admin/audit-view.ts';
import type { ItemQuery, OperationName } from '../../../../admin/commands/operation-view.ts';
import { createDeeds, type DeedSources } from '../../../../server/events/stories/deeds.ts';
import { createFakeWorld } from '../../../fakes/fake-world.ts';

const WALL = { kind: 'Subscription', namespace: 'default', name: 'wall' } as const;
const AT = '2026-01-01T00:00:00.000Z';
const AFTER = Date.parse(AT) + 1_000;
const TIMES = { from: Date.parse(AT), until: AFTER };
const { signal } = new AbortController();
const entry = (more: Partial<AuditEntry>): AuditEntry => ({
  id: '1',
  at: AT,
  action: 'POST /api/dead-letters/commands',
  by: 'token ada',
  from: '::1',
  namespace: 'default',
  outcome: 'done',
  ...more,
});
const purge = { action: 'purge', kind: 'subscription', name: 'wall', ids: ['0-1', '0-3'] };

/** Pages of one entry; operation `o1` has taken `0-7`, and was refused `0-8`. */
function deedsOf(...entries: readonly AuditEntry[]) {
  return createDeeds({
    world: createFakeWorld(),
    audit: {
      async list({ after = '0' }) {
        const at = Number(after);
        return { items: entries.slice(at, at + 1), ...(at + 1 < entries.length ? { next: String(at + 1) } : {}) };
      },
    },
    operations: () => ({
      async items({ id }: OperationName, { after }: ItemQuery) {
        if (id !== 'o1') throw new Error('It is kept no longer.');
        if (after === undefined) return { items: [{ id: '0-6', outcome: 'done' }], next: 'more' };
        return {
          items: [
            { id: '0-7', outcome: 'done' },
            { id: '0-8', outcome: 'refused' },
            { id: '0-9', outcome: 'in-doubt' },
          ],
        };
      },
    }),
  }).ofStory(signal);
}

describe('who decided', () => {
  it('is the newest caller who paused the consumer', async () => {
    const action = 'POST /api/consumers/Subscription/default/wall/pause';
    const refused = entry({ action, outcome: 'refused', by: 'bob' });
    const other = entry({ action: action.replace('wall', 'other'), by: 'eve' });
    const deeds = deedsOf(refused, other, entry({ action }), entry({ action, by: 'older' }));
    assert.deepEqual(await deeds.pauseOf(WALL), { deed: { action: 'pause', by: 'token ada', at: AT } });
    assert.deepEqual(await deeds.pauseOf({ ...WALL, namespace: 'else' }), {});
  });

  const others: readonly [string, Partial<AuditEntry>][] = [
    ['names other events', { asked: { ...purge, ids: ['0-2'] } }],
    ['is of another consumer', { asked: { ...purge, name: 'strict' } }],
    ['is another action', { asked: { ...purge, action: 'redrive' } }],
    ['is no action that is known', { asked: { ...purge, action: 'retry' } }],
    ['was refused', { asked: purge, outcome: 'refused' }],
    ['came later', { asked: purge, at: '2026-01-01T00:01:00.000Z' }],
    ['came before the event', { asked: purge, at: '2025-12-31T23:59:00.000Z' }],
    ['is of another namespace', { asked: purge, namespace: 'else' }],
    ['is another action for a query', { asked: { ...purge, action: 'skip', ids: undefined, query: {} } }],
  ];
  for (const [name, more] of others) {
    it(`is nobody whose command ${name}`, async () => {
      assert.deepEqual(await deedsOf(entry(more)).decisionOf('purge', WALL, '0-3', TIMES), {});
    });
  }

  const unclear: readonly [string, Partial<AuditEntry>][] = [
    ['is for a query', { asked: { ...purge, ids: undefined, query: {} } }],
    ['is too long to be in the log', { asked: '9000 characters of JSON' }],
    ['broke off', { asked: purge, outcome: 'cut off' }],
    ['is an operation that is kept no longer', { action: 'operation o2: purge subscription/wall' }],
  ];
  for (const [name, more] of unclear) {
    it(`is not known where a command ${name}, and nobody is named for an older one`, async () => {
      const deeds = deedsOf(entry({ ...more, by: 'ann' }), entry({ asked: purge, by: 'bob' }));
      const { deed, note = '' } = await deeds.decisionOf('purge', WALL, '0-3', TIMES);
      assert.equal(deed, undefined);
      assert.match(note, /does not say who did it: the audit log has a command or an operation that may have/);
    });
  }

  it('is the caller of an operation that failed half way, where it had taken the event', async () => {
    const action = 'operation o1: purge subscription/wall';
    const deeds = deedsOf(entry({ action, outcome: 'failed', by: 'ann' }), entry({ asked: purge, by: 'bob' }));
    assert.equal((await deeds.decisionOf('purge', WALL, '0-7', TIMES)).deed?.by, 'ann');
    assert.equal((await deeds.decisionOf('purge', WALL, '0-3', TIMES)).deed?.by, 'bob');
  });

  it('is the caller whose command names the event', async () => {
    const deeds = deedsOf(entry({ asked: { ...purge, ids: ['0-9'] } }), entry({ asked: purge }));
    const deed = { action: 'purge', by: 'token ada', at: AT };
    assert.deepEqual(await deeds.decisionOf('purge', WALL, '0-3', TIMES), { deed });
  });

  it('is the caller of an operation that has taken the event', async () => {
    const deeds = deedsOf(entry({ action: 'operation o1: purge subscription/wall' }));
    const deed = { action: 'purge', by: 'token ada', at: AT, operation: 'o1' };
    assert.deepEqual(await deeds.decisionOf('purge', WALL, '0-7', TIMES), { deed });
    assert.deepEqual(await deeds.decisionOf('purge', WALL, '0-8', TIMES), {});
    assert.deepEqual(await deeds.decisionOf('skip', WALL, '0-7', TIMES), {});
  });

  it('is nobody whose command came too late for all events that it names', async () => {
    const late = entry({ asked: purge, taken: 0, failed: 2 });
    assert.deepEqual(await deedsOf(late).decisionOf('purge', WALL, '0-3', TIMES), {});
  });

  it('is not clear where an operation is in doubt about it, or a command could not take some of several', async () => {
    const older = entry({ asked: { ...purge, ids: ['0-3', '0-9'] }, by: 'older' });
    for (const [id, newest] of [
      ['0-9', entry({ action: 'operation o1: purge subscription/wall' })],
      ['0-3', entry({ asked: purge, taken: 1, failed: 1 })],
    ] as const) {
      const { deed, note = '' } = await deedsOf(newest, older).decisionOf('purge', WALL, id, TIMES);
      assert.equal(deed, undefined);
      assert.match(note, /may have/);
    }
  });

  it('is the caller who redrove it, also with other data, or by an operation for many', async () => {
    const redrive = { ...purge, action: 'redrive' };
    const edit = { ...redrive, ids: ['0-4'], edit: { text: '5 bytes' } };
    const log = [entry({ asked: edit, by: 'bob' }), entry({ asked: redrive })];
    const who = async (id: string, ...entries: AuditEntry[]) =>
      (await deedsOf(...entries).decisionOf('redrive', WALL, id, TIMES)).deed;
    assert.deepEqual(await who('0-3', ...log), { action: 'redrive', by: 'token ada', at: AT });
    assert.deepEqual(await who('0-4', ...log), { action: 'edit', by: 'bob', at: AT });
    for (const action of ['redrive', 'edit']) {
      const operation = entry({ action: `operation o1: ${action} subscription/wall` });
      assert.deepEqual(await who('0-7', operation), { action, by: 'token ada', at: AT, operation: 'o1' });
      assert.equal(await who('0-8', operation), undefined);
    }
  });

  it('is the caller who cancelled a job or redrove it, or whose operation has taken it', async () => {
    const queue = { kind: 'Queue', namespace: 'default', name: 'imports' } as const;
    const fanOut = { ...queue, kind: 'FanOut', name: 'cups' } as const;
    const log = [
      entry({ action: 'DELETE /api/jobs/else/imports/0-7', by: 'eve' }),
      entry({ action: 'DELETE /api/jobs/default/imports/0-9', outcome: 'refused', by: 'eve' }),
      entry({ action: 'DELETE /api/jobs/default/imports/0-9' }),
      entry({ action: 'operation o1: cancel queue/imports', by: 'bob' }),
      entry({ action: 'POST /api/fan-outs/jobs/default/cups/0-1/redrive', by: 'cy' }),
      entry({ action: 'DELETE /api/fan-outs/jobs/default/cups/0-1', by: 'dee' }),
    ];
    const deeds = deedsOf(...log);
    const cancelled = { action: 'cancel', by: 'token ada', at: AT };
    assert.deepEqual((await deeds.ofJob('cancel', queue, '0-9', TIMES)).deed, cancelled);
    const many = { action: 'cancel', by: 'bob', at: AT, operation: 'o1' };
    assert.deepEqual((await deeds.ofJob('cancel', queue, '0-7', TIMES)).deed, many);
    assert.deepEqual(await deeds.ofJob('cancel', queue, '0-8', TIMES), {});
    assert.equal((await deeds.ofJob('redrive', fanOut, '0-1', TIMES)).deed?.by, 'cy');
    assert.equal((await deeds.ofJob('cancel', fanOut, '0-1', TIMES)).deed?.by, 'dee');
  });

  it('is found behind an operation that began before the event and ended later', async () => {
    const long = entry({ action: 'operation o3: purge subscription/other', at: '2025-12-01T00:00:00.000Z' });
    const { deed } = await deedsOf(long, entry({ asked: purge })).decisionOf('purge', WALL, '0-3', TIMES);
    assert.equal(deed?.by, 'token ada');
  });
});

describe('the search for who decided', () => {
  const OTHER = { ...WALL, name: 'other' };
  const never = new Promise<never>(() => {});
  /** The log goes on for ever, an hour back with each page. */
  const endless = (times: { lists: number; items: number }, more: Partial<DeedSources> = {}): DeedSources => ({
    world: createFakeWorld(),
    audit: {
      async list({ after = '0' }) {
        times.lists++;
        const at = new Date(Date.parse(AT) - Number(after) * 3_600_000).toISOString();
        const asked = { ...purge, ids: ['9-9'] };
        return { items: [entry({ at, asked })], next: String(Number(after) + 1) };
      },
    },
    operations: () => ({
      async items() {
        times.items++;
        return { items: [], next: 'more' };
      },
    }),
    ...more,
  });

  it('stops where the log is older than the event, and reads no page twice for all consumers', async () => {
    const times = { lists: 0, items: 0 };
    const deeds = createDeeds(endless(times)).ofStory(signal);
    for (const consumer of [WALL, OTHER, WALL]) {
      assert.deepEqual(await deeds.decisionOf('skip', consumer, '0-3', TIMES), {});
    }
    assert.equal(times.lists, 2);
  });

  it('says so when the log is too long, or the items of an operation are too many', async () => {
    const times = { lists: 0, items: 0 };
    const { deed, note = '' } = await createDeeds(endless(times)).ofStory(signal).pauseOf(WALL);
    assert.deepEqual([deed, times.lists], [undefined, 20]);
    assert.match(note, /too long to look through/);
    const operation = entry({ action: 'operation o1: purge subscription/wall' });
    const audit = { list: async () => ({ items: [operation] }) };
    const many = createDeeds(endless(times, { audit })).ofStory(signal);
    const found = await many.decisionOf('purge', WALL, '0-3', TIMES);
    assert.match(found.note ?? '', /a command or an operation that may have/);
    assert.deepEqual([found.deed, times.items], [undefined, 20]);
  });

  it('says so when the log cannot be read, and the story is told all the same', async () => {
    const audit = { list: () => Promise.reject(new Error('partition 0 has no leader')) };
    const found = await createDeeds(endless({ lists: 0, items: 0 }, { audit }))
      .ofStory(signal)
      .pauseOf(WALL);
    assert.equal(found.deed, undefined);
    assert.match(found.note ?? '', /the audit log cannot be read at the moment/);
  });

  it('takes three seconds for all consumers together, and says that it has stopped', async () => {
    const world = createFakeWorld();
    const slow = { audit: { list: () => never } };
    const deeds = createDeeds(endless({ lists: 0, items: 0 }, { world, ...slow })).ofStory(signal);
    const first = deeds.pauseOf(WALL);
    await world.pass(2_999);
    assert.equal(await Promise.race([first, 'open']), 'open');
    await world.pass(1);
    assert.ok((await first).note);
    const second = deeds.decisionOf('skip', OTHER, '0-3', TIMES);
    await world.pass(0);
    assert.ok((await second).note);
  });

  it('ends with who asked for the story, in the midst of the items of an operation as well', async () => {
    const operation = entry({ action: 'operation o1: purge subscription/wall' });
    const audits = [{ list: () => never }, { list: async () => ({ items: [operation] }) }];
    for (const audit of audits) {
      const asks = new AbortController();
      const sources = endless({ lists: 0, items: 0 }, { audit, operations: () => ({ items: () => never }) });
      const asked = createDeeds(sources).ofStory(asks.signal).decisionOf('purge', WALL, '0-3', TIMES);
      asks.abort(new Error('gone'));
      await assert.rejects(asked, /gone/);
    }
  });
});
