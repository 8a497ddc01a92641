// The calls of the admin API that the audit log has, and what it says of each.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createAdminServer } from '../../admin/admin-server.ts';
import { type AuditBegun, type AuditEntry, noAudit } from '../../admin/audit-view.ts';
import { noEvents } from '../../admin/no-events.ts';
import { TenfoldError } from '../../core/errors.ts';
import { eventually } from '../eventually.ts';
import { fakeConsumer } from '../fakes/consumer-report.ts';
import { createFakeOperations } from '../fakes/fake-operations.ts';
import { fakeView } from '../fakes/platform-view.ts';
import { AUTH, adminPorts, TOKEN } from './running-admin.ts';

describe('calls of the admin API', () => {
  const start = adminPorts();

  const site = async (pause: () => Promise<void>) => {
    const begun: AuditBegun[] = [];
    const ended: AuditEntry[] = [];
    const order: string[] = [];
    const audit = {
      begun: async (entry: AuditBegun) => {
        begun.push(entry);
        order.push('begun');
      },
      ended: (entry: AuditEntry) => void ended.push(entry),
      happened() {},
      list: async () => ({ items: ended }),
    };
    const events = {
      ...noEvents,
      consumers: async () => [fakeConsumer('wall')],
      pause: async () => {
        order.push('act');
        await pause();
      },
    };
    return { ask: await start(fakeView({ audit, events })), begun, ended, order };
  };
  const PAUSE = '/api/consumers/Subscription/default/wall/pause';

  it('are written down before they act, and with how they ended', async () => {
    const { ask, begun, ended, order } = await site(async () => {});
    const { status } = await ask(`${PAUSE}`, { ...AUTH, 'user-agent': 'tenfold/1 (ann)' }, 'POST');
    await eventually(() => ended.length === 1, 'it has ended');
    assert.deepEqual(order, ['begun', 'act']);
    const [entry] = ended;
    assert.equal(entry?.id, begun[0]?.id);
    assert.deepEqual(
      [entry?.action, entry?.by, entry?.client, entry?.outcome, entry?.status],
      [`POST ${PAUSE}`, 'admin token', 'tenfold/1 (ann)', 'done', status],
    );
    assert.equal((await ask<{ items: unknown[] }>('/api/audit')).body.items.length, 1);
  });

  it('that plan an operation name it', async () => {
    const ended: AuditEntry[] = [];
    const audit = { ...noAudit, ended: (entry: AuditEntry) => void ended.push(entry) };
    const events = { ...noEvents, operations: createFakeOperations() };
    const ask = await start(fakeView({ audit, events }));
    const order = { action: 'redrive', kind: 'Subscription', name: 'wall', query: {} };
    const { body } = await ask<{ id: string }>('/api/operations', AUTH, 'POST', order);
    await eventually(() => ended.length === 1, 'it has ended');
    assert.deepEqual([ended[0]?.operation, ended[0]?.outcome], [body.id, 'done']);
  });

  for (const [code, outcome] of [
    ['conflict', 'refused'],
    ['log-unavailable', 'failed'],
  ] as const)
    it(`are ${outcome} after ${code}`, async () => {
      const { ask, ended } = await site(async () => {
        throw new TenfoldError(code, 'No.');
      });
      await ask(PAUSE, AUTH, 'POST');
      await eventually(() => ended.length === 1, 'it has ended');
      assert.equal(ended[0]?.outcome, outcome);
    });

  it('are not carried out for a caller who has left before they were written down', async () => {
    const order: string[] = [];
    const stored = Promise.withResolvers<void>();
    const left = Promise.withResolvers<AuditEntry>();
    const audit = {
      begun: () => {
        order.push('begun');
        return stored.promise;
      },
      ended: left.resolve,
      happened() {},
      list: async () => ({ items: [] }),
    };
    const pause = async () => void order.push('act');
    const events = { ...noEvents, consumers: async () => [fakeConsumer('wall')], pause };
    const server = createAdminServer(fakeView({ audit, events }), { token: TOKEN });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const leaving = new AbortController();
    const asked = fetch(`http://127.0.0.1:${port}${PAUSE}`, { method: 'POST', headers: AUTH, signal: leaving.signal });
    await eventually(() => order.length === 1, 'it is begun');
    leaving.abort();
    await assert.rejects(asked);
    assert.equal((await left.promise).outcome, 'cut off');
    stored.resolve();
    await new Promise(resolve => setTimeout(resolve, 50));
    assert.deepEqual(order, ['begun']);
    server.close();
  });

  it('are not in it where they only ask, or show no token', async () => {
    const { ask, begun } = await site(async () => {});
    await ask('/api/consumers');
    await ask('/api/routes/explain', AUTH, 'POST');
    await ask('/api/sql', AUTH, 'POST');
    await ask('/api/topics/default/orders/follow', AUTH, 'POST');
    assert.equal((await ask(PAUSE, {}, 'POST')).status, 401);
    assert.deepEqual(begun, []);
  });

  it('do not show the token that starts a plan', async () => {
    const { ask, ended } = await site(async () => {});
    await ask('/api/operations/default/x/start', AUTH, 'POST', { token: '5d41402abc4b2a76' });
    await eventually(() => ended.length === 1, 'it has ended');
    assert.deepEqual(ended[0]?.asked, { token: '(hidden)' });
  });
});
