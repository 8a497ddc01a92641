// How long a call may take, over a whole platform: 29 seconds through the gateway, 15 minutes from
// inside; and as long as the function says for an event.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Platform, startPlatform } from '../../../server/platform.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';
import { startUpstream } from '../../fakes/echo-upstream.ts';

const appOf = (endless: string) => `apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: report }
spec: { source: ./report.ts, timeout: 15m }
---
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: quick }
spec: { source: ./report.ts, timeout: 3s }
---
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: endless }
spec: { url: "${endless}", timeout: 3s }
---
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: limited }
spec: { url: "${endless}", timeout: 3s, limits: { concurrency: 2, maxWait: 5m } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: calls }
spec: {}
---
apiVersion: tenfold.dev/v1alpha1
kind: Subscription
metadata: { name: endless }
spec: { topic: calls, to: { function: endless }, retry: { attempts: 1 } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Subscription
metadata: { name: limited }
spec: { topic: calls, to: { function: limited }, retry: { attempts: 1 } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: reports }
spec:
  routes:
    - match: { method: POST, path: /calls }
      to: { topic: calls }
    - match: { method: GET, path: /report }
      to: { function: report }
    - match: { method: GET, path: /quick }
      to: { function: quick }
`;
const REMAINING = 'export default (_request: unknown, context: { remainingMs(): number }) => context.remainingMs();';
/**
 * What a request may have used up before the function looks, a slow start of its process included.
 */
const SPENT_MS = 9000;

describe('the time that a function has', () => {
  let folder: string;
  let platform: Platform;
  let endless: Awaited<ReturnType<typeof startUpstream>>;

  before(async () => {
    endless = await startUpstream(() => {});
    folder = tempFolder({ 'app.yaml': appOf(endless.origin), 'report.ts': REMAINING });
    const ports = { public: 0, internal: 0, admin: 0 };
    platform = await startPlatform({ directory: folder, watch: false, host: '127.0.0.1', ports, events: {} });
  });
  after(async () => {
    await platform.close(0);
    await endless.close();
    removeTempFolders();
  });

  const inside = (path: string) => async () => {
    const { internalKey } = JSON.parse(readFileSync(join(folder, '.tenfold/platform.json'), 'utf8'));
    return fetch(`${platform.addresses.internal}/functions${path}`, { headers: { 'tenfold-key': internalKey } });
  };
  const outside = (path: string) => () => fetch(platform.addresses.public + path);

  const rows: readonly [name: string, call: () => Promise<Response>, limitMs: number][] = [
    ['is at most 29 s through the gateway, whatever its own limit', outside('/report'), 29_000],
    ['is up to 15 minutes when it is invoked from inside', inside('/report'), 900_000],
    ['is its own limit where that is shorter: through the gateway', outside('/quick'), 3000],
    ['is its own limit where that is shorter: from inside', inside('/quick'), 3000],
  ];
  for (const [name, call, limitMs] of rows) {
    it(name, async () => {
      const answer = await call();
      assert.equal(answer.status, 200);
      const remaining = Number(await answer.text());
      assert.ok(remaining <= limitMs && remaining > limitMs - SPENT_MS, `${remaining} ms of ${limitMs}`);
    });
  }

  it('is its own limit when it is called with an event, also where it may wait longer than that for its turn', async () => {
    const headers = { 'content-type': 'application/json' };
    const sent = performance.now();
    const answer = await fetch(`${platform.addresses.public}/calls`, { method: 'POST', headers, body: '{}' });
    assert.equal(answer.status, 204, await answer.text());
    const dead = async () => {
      const authorization = `Bearer ${platform.adminToken}`;
      const answer = await fetch(`${platform.addresses.admin}/api/dead-letters`, { headers: { authorization } });
      const { items } = (await answer.json()) as { readonly items: readonly unknown[] };
      return items.length === 2;
    };
    await eventually(dead, 'both are given up');
    assert.ok(performance.now() - sent >= 2900, 'they had their time');
  });
});
