// A right that was taken back ends an answer that goes on, whether it has begun or not.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createCaller } from '../../../admin/access/caller.ts';
import { RECHECK_MS } from '../../../admin/access/standing.ts';
import { createAdminServer } from '../../../admin/admin-server.ts';
import { noEvents } from '../../../admin/no-events.ts';
import { sleep } from '../../../core/world.ts';
import { eventually } from '../../eventually.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';
import { fakeResource, fakeView } from '../../fakes/platform-view.ts';
import { TOKEN } from '../running-admin.ts';

describe('an answer that follows a Topic', () => {
  const world = createFakeWorld();
  let server: Server;
  let namespaces: readonly string[];
  let asked: number;
  let isTold: boolean;
  beforeEach(async () => {
    [namespaces, asked, isTold] = [['green'], 0, true];
    const view = fakeView({
      resources: [fakeResource('Topic', 'orders', { namespace: 'green' })],
      events: {
        ...noEvents,
        topicEvents: {
          ...noEvents.topicEvents,
          async *follow(_namespace, _name, _query, signal) {
            asked++;
            const at = { kind: 'at' as const, at: '2026-11-30T00:00:00Z', position: 'x', scanned: 0 };
            if (isTold) yield { ...at, progress: { done: 0, total: 0 } };
            await sleep(world, 3_600_000, signal);
          },
        },
      },
    });
    const byTest = {
      takes: 'the token of the test',
      identify: ({ token }: { readonly token: string | undefined }) =>
        token === 'team' ? createCaller('team', [{ role: 'viewer', namespaces }]) : undefined,
    };
    server = createAdminServer(view, { token: TOKEN, authenticators: [byTest], world });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });
  const follow = () =>
    fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api/topics/green/orders/follow`, {
      method: 'POST',
      headers: { authorization: 'Bearer team', 'content-type': 'application/json' },
      body: '{}',
    });
  const isAsked = () => eventually(() => asked === 1, 'that it is followed');

  it('goes on while the right lasts, and ends in words when it was taken back', async () => {
    const answer = await follow();
    assert.equal(answer.status, 200);
    const text = answer.text();
    await world.pass(10 * RECHECK_MS);
    namespaces = ['blue'];
    await world.pass(RECHECK_MS);
    const lines = (await text).trim().split('\n');
    assert.equal(lines.length, 2);
    assert.match(lines[1] ?? '', /"kind":"failed","code":"forbidden".*may not view in namespace \\"green\\"/);
  });

  it('is refused where it has not begun', async () => {
    isTold = false;
    const answer = follow();
    await isAsked();
    namespaces = ['blue'];
    await world.pass(RECHECK_MS);
    assert.equal((await answer).status, 403);
  });
});
