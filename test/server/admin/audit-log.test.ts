// The audit log over a log: both ends of each action are one entry, pages hold all of them once,
// and an action does not wait for a log that is away.
import assert from 'node:assert/strict';
import type { AuditBegun, AuditEntry } from '../../../admin/audit-view.ts';
import { AUDIT_TOPIC } from '../../../core/names.ts';
import { realWorld } from '../../../core/world.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import { type AuditLine, createAuditLog } from '../../../server/admin/audit-log.ts';
import { newName } from '../../contract/event-log/subject.ts';
import { createClients } from '../../drivers/event-log/kafka/kafka-cases.ts';
import { openLog } from '../../drivers/event-log/sqlite/open-log.ts';
import { temporaryFolder } from '../../drivers/sqlite/temporary-folder.ts';
import { eventually } from '../../eventually.ts';
import { createFakeLog } from '../../fakes/fake-log.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';
import { kafka } from '../../services/kafka.ts';
import { findService } from '../../services/service.ts';

const begun = (id: string): AuditBegun => ({
  id,
  at: '2026-01-01T00:00:00.000Z',
  action: 'POST /x',
  by: 'admin token',
  from: '::1',
});
const ended = (id: string): AuditEntry => ({ ...begun(id), outcome: 'done', status: 200, ms: 3, asked: { ids: [id] } });

/** At the time of the records of the fake log, or so many minutes later. */
const then = <T extends AuditBegun>(entry: T, minutes = 0): T => ({
  ...entry,
  at: new Date(minutes * 60_000).toISOString(),
});

/** `a` is under way while `b` begins and ends in another process; `c` never ends. */
async function assertListed(log: EventLog, other: EventLog): Promise<void> {
  const audit = createAuditLog({ world: realWorld, log, tell() {} });
  const elsewhere = createAuditLog({ world: realWorld, log: other, tell() {} });
  await audit.begun(begun('a'));
  await elsewhere.begun(begun('b'));
  // A call without a body.
  const { asked: _none, ...bare } = ended('b');
  elsewhere.ended(bare);
  const count = async () => (await log.bounds(AUDIT_TOPIC))?.[0]?.end ?? 0;
  await eventually(async () => (await count()) >= 3, 'the end of b is there');
  audit.ended(ended('a'));
  await eventually(async () => (await count()) >= 4, 'the end of a is there');
  await audit.begun(begun('c'));
  for (const limit of [1, 2, 3, 10]) {
    const seen: AuditEntry[] = [];
    let after: string | undefined;
    do {
      const page = await audit.list({ limit, ...(after === undefined ? {} : { after }) });
      assert.ok(page.items.length <= limit);
      seen.push(...page.items);
      after = page.next;
    } while (after !== undefined);
    assert.deepEqual(
      seen.map(({ id, outcome }) => `${id} ${outcome}`),
      ['c unknown', 'a done', 'b done'],
    );
    assert.deepEqual(seen.slice(1), [ended('a'), bare]);
  }
}

const found = findService(kafka);

describe('the audit log', () => {
  it('has each action once, the newest first, with its end, whatever the pages are and came between', async () => {
    const folder = temporaryFolder();
    const log = await openLog(folder.file);
    await assertListed(log, log);
    await log.close();
    folder.remove();
  });

  if (found) {
    const clients = createClients();
    afterEach(() => clients.closeAll());

    it('is one for all processes over Kafka', async () => {
      const topics = { epochs: newName('epochs') };
      const [one, other] = [0, 1].map(() => clients.open(found.url().split(','), { topics }));
      assert.ok(one && other);
      // Of other runs of the tests, too.
      await one.deleteTopic(AUDIT_TOPIC);
      await assertListed(one, other);
    });
  }

  it('forgets the end of an action whose beginning was never stored', async () => {
    const log = Object.assign(createFakeLog(), { ensureTopic: async () => {} });
    const audit = createAuditLog({ world: realWorld, log, tell() {} });
    await audit.begun(begun('old'));
    for (let count = 0; count < 1500; count++) audit.ended({ ...ended(`e${count}`), at: '2026-01-01T01:00:00.000Z' });
    await eventually(() => log.recordsOf(AUDIT_TOPIC).length === 1501, 'all are stored');
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const page = await audit.list({ limit: 1000, ...(after === undefined ? {} : { after }) });
      seen.push(...page.items.map(({ id }) => id));
      after = page.next;
    } while (after !== undefined);
    assert.equal(new Set(seen).size, 1501);
  });

  it('shows the entries of some namespaces alone, in pages that look through a bounded part of it', async () => {
    const log = Object.assign(createFakeLog(), { ensureTopic: async () => {} });
    const audit = createAuditLog({ world: realWorld, log, tell() {} });
    const entry = (id: string, more: object) => ({
      key: null,
      value: Buffer.from(JSON.stringify({ ...ended(id), ...more })),
      headers: {},
    });
    await log.append(AUDIT_TOPIC, [entry('first', { namespace: 'shop' }), entry('other', { namespace: 'till' })]);
    await log.append(
      AUDIT_TOPIC,
      Array.from({ length: 25_000 }, (_, index) => entry(`e${index}`, {})),
    );
    await log.append(AUDIT_TOPIC, [entry('last', { namespace: 'shop' })]);
    const visible = (namespace: string) => namespace === 'shop';
    const first = await audit.list({ limit: 10, visible });
    assert.deepEqual(
      first.items.map(({ id, namespace }) => [id, namespace]),
      [['last', 'shop']],
    );
    const rest = await audit.list({ limit: 10, visible, after: first.next ?? assert.fail('It goes on.') });
    assert.deepEqual(
      rest.items.map(({ id }) => id),
      ['first'],
    );
    assert.equal(rest.next, undefined);
    assert.equal((await audit.list({ limit: 10 })).items.length, 10);
  });

  it('finds entries by caller, action, outcome and time, and looks no further back than it must', async () => {
    const folder = temporaryFolder();
    const log = await openLog(folder.file);
    const audit = createAuditLog({ world: realWorld, log, tell() {} });
    const entries: readonly Partial<AuditEntry>[] = [
      { id: 'old', at: '2026-01-01T00:00:00.000Z', by: 'token ci', action: 'POST /api/operations' },
      { id: 'ann', at: '2026-01-02T00:00:00.000Z', by: 'user Ann', action: 'POST /api/backup', outcome: 'failed' },
      { id: 'new', at: '2026-01-03T00:00:00.000Z', by: 'token ci', action: 'DELETE /api/cache' },
    ];
    for (const entry of entries) audit.ended({ ...ended('x'), ...entry });
    await eventually(async () => (await log.bounds(AUDIT_TOPIC))?.[0]?.end === 3, 'all are stored');
    const find = async (query: object) => (await audit.list({ limit: 10, ...query })).items.map(({ id }) => id);
    assert.deepEqual(await find({ by: 'CI' }), ['new', 'old']);
    assert.deepEqual(await find({ by: 'ann', outcome: 'done' }), []);
    assert.deepEqual(await find({ outcome: 'failed' }), ['ann']);
    assert.deepEqual(await find({ action: 'delete' }), ['new']);
    const [second, third] = [Date.parse('2026-01-02T00:00:00Z'), Date.parse('2026-01-03T00:00:00Z')];
    assert.deepEqual(await find({ since: second }), ['new', 'ann']);
    assert.deepEqual(await find({ until: third }), ['ann', 'old']);
    assert.deepEqual(await find({ since: second, until: third }), ['ann']);
    const soon = Date.now() + 3_600_000;
    assert.deepEqual(await audit.list({ limit: 1, since: soon }), { items: [] }, 'nothing was stored as late as that');
    await log.close();
    folder.remove();
  });

  it('leaves out what a later release wrote, and refuses a place that it did not give', async () => {
    const log = Object.assign(createFakeLog(), { ensureTopic: async () => {} });
    const audit = createAuditLog({ world: realWorld, log, tell() {} });
    await log.append(AUDIT_TOPIC, [{ key: null, value: Buffer.from('{"v":9}'), headers: {} }]);
    await log.append(AUDIT_TOPIC, [{ key: null, value: Buffer.from('no JSON'), headers: {} }]);
    await audit.begun(begun('a'));
    assert.deepEqual((await audit.list({ limit: 10 })).items, [{ ...begun('a'), outcome: 'unknown' }]);
    await assert.rejects(audit.list({ limit: 10, after: 'x' }), { code: 'bad-request' });
  });

  it('does not hold an action up while the log is away, and says what it could not store', async () => {
    const world = createFakeWorld();
    const lines: AuditLine[] = [];
    const log = Object.assign(createFakeLog(), { ensureTopic: () => new Promise<void>(() => {}) });
    const audit = createAuditLog({ world, log, tell: line => lines.push(line) });
    let went = false;
    const going = audit.begun(begun('a')).then(() => {
      went = true;
    });
    await new Promise(resolve => setImmediate(resolve));
    assert.equal(went, false);
    await world.pass(2000);
    await going;
    log.ensureTopic = () => Promise.reject(new Error('no broker'));
    const other = createAuditLog({ world, log, tell: line => lines.push(line) });
    await other.begun(begun('b'));
    other.ended(ended('b'));
    await new Promise(resolve => setImmediate(resolve));
    assert.deepEqual(
      lines.map(({ level, message, fields }) => [level, message, fields['audit'], fields['reason']]),
      [
        ['error', 'an entry of the audit log could not be stored', 'b', 'no broker'],
        ['info', 'an operator acted', 'b', undefined],
        ['error', 'an entry of the audit log could not be stored', 'b', 'no broker'],
      ],
    );
  });

  it('is the lines alone in a process without a log', async () => {
    const lines: AuditLine[] = [];
    const audit = createAuditLog({ world: realWorld, log: undefined, tell: line => lines.push(line) });
    await audit.begun(begun('a'));
    audit.ended(ended('a'));
    assert.equal(lines.length, 1);
    await assert.rejects(audit.list({ limit: 1 }), { code: 'unsupported' });
  });
});

describe('places of the audit log', () => {
  it('leads past hundreds of entries that have no beginning, by places that fit into a request', async () => {
    const log = Object.assign(createFakeLog(), { ensureTopic: async () => {} });
    const audit = createAuditLog({ world: realWorld, log, tell() {} });
    await audit.begun(then(begun('old')));
    audit.ended(then(ended('old')));
    const longId = (count: number) => `${count}`.padEnd(36, 'x');
    for (let count = 0; count < 200; count++) audit.happened(then(ended(longId(count))));
    await eventually(() => log.recordsOf(AUDIT_TOPIC).length === 202, 'all are stored');
    const seen: AuditEntry[] = [];
    const places: string[] = [];
    for (let after: string | undefined; ; ) {
      const page = await audit.list({ limit: 50, ...(after === undefined ? {} : { after }) });
      seen.push(...page.items);
      after = page.next;
      if (after === undefined) break;
      places.push(after);
    }
    assert.deepEqual(
      seen.map(({ id }) => id),
      [...Array.from({ length: 200 }, (_, count) => longId(199 - count)), 'old'],
    );
    assert.deepEqual(seen[0], then(ended(longId(199))));
    assert.ok(
      places.every(place => place.length < 50),
      `the longest has ${Math.max(...places.map(p => p.length))} bytes`,
    );
  });

  it('gives a place that fits into a request, however many beginnings are missing', async () => {
    const log = Object.assign(createFakeLog(), { ensureTopic: async () => {} });
    const audit = createAuditLog({ world: realWorld, log, tell() {} });
    await audit.begun(then(begun('under-way')));
    for (let count = 0; count < 1500; count++) audit.ended(then(ended(`${count}`.padEnd(36, 'x')), 5));
    audit.ended(then(ended('under-way')));
    await eventually(() => log.recordsOf(AUDIT_TOPIC).length === 1502, 'all are stored');
    const { next = '' } = await audit.list({ limit: 1501 });
    assert.ok(next.length > 0 && next.length < 8_000, `it has ${next.length} bytes`);
    assert.deepEqual(await audit.list({ limit: 10, after: next }), { items: [] });
  });
});
