// A function with limits that one client asks over 150 connections, and others a little: over a
// whole platform, nobody but the greedy one is refused.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { type Platform, startPlatform } from '../../../server/platform.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';
import { startUpstream } from '../../fakes/echo-upstream.ts';

const GREEDY_CONNECTIONS = 150;
const QUIET_REQUESTS = 18;
const CONCURRENCY = 4;
const WORK_MS = 10;
const KEYS = { greedy: 'a-key-of-the-greedy-one', quiet: 'a-key-of-the-quiet-one-' };

const appOf = (url: string) => `apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: slow }
spec: { url: "${url}", limits: { concurrency: ${CONCURRENCY}, waiting: 60, maxWait: 5m } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: open }
spec: { basePath: /open, routes: [{ match: { method: GET, path: /slow }, to: { function: slow } }] }
---
apiVersion: tenfold.dev/v1alpha1
kind: Aggregate
metadata: { name: page }
spec: { parts: { slow: { to: { function: slow } } }, response: { body: "\${slow.body}" } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: composed }
spec: { basePath: /composed, routes: [{ match: { method: GET, path: /slow }, to: { aggregate: page } }] }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: keyed }
spec:
  basePath: /keyed
  auth: { apiKey: { secret: keys } }
  routes: [{ match: { method: GET, path: /slow }, to: { function: slow } }]
`;

interface Asked {
  readonly path: string;
  /** Address of loopback that the client has. */
  readonly from: string;
  readonly key?: string;
}

describe('requests to a function with limits', function () {
  this.timeout(600_000);
  let platform: Platform;
  let upstream: Awaited<ReturnType<typeof startUpstream>>;

  before(async () => {
    upstream = await startUpstream(async (_, response) => {
      await pause(WORK_MS);
      response.setHeader('content-type', 'application/json');
      response.end('{}');
    });
    const hashes = Object.entries(KEYS).map(([name, key]) => [name, createHash('sha256').update(key).digest('hex')]);
    const directory = tempFolder({
      'app.yaml': appOf(upstream.origin),
      '.tenfold/secrets/default/keys.json': JSON.stringify(Object.fromEntries(hashes)),
    });
    const ports = { public: 0, internal: 0, admin: 0 };
    platform = await startPlatform({ directory, watch: false, host: '127.0.0.1', ports, events: {} });
    assert.deepEqual(platform.view.catalog.problems, []);
  });
  after(async () => {
    await platform.close(1000);
    await upstream.close();
    removeTempFolders();
  });

  const ask = (agent: Agent, { path, from, key }: Asked) =>
    new Promise<number>((resolve, reject) => {
      const headers = key === undefined ? {} : { 'x-api-key': key };
      const asked = request(`${platform.addresses.public}${path}`, { agent, localAddress: from, headers }, answer => {
        answer.resume().on('end', () => resolve(answer.statusCode ?? 0));
      });
      asked.on('error', reject).end();
    });

  for (const [what, greedy, quiet] of [
    ['clients by their address', { path: '/open/slow', from: '127.0.0.2' }, { path: '/open/slow', from: '127.0.0.3' }],
    [
      'consumers by their keys, from one address',
      { path: '/keyed/slow', from: '127.0.0.2', key: KEYS.greedy },
      { path: '/keyed/slow', from: '127.0.0.2', key: KEYS.quiet },
    ],
    [
      'parts of an aggregate',
      { path: '/composed/slow', from: '127.0.0.2' },
      { path: '/composed/slow', from: '127.0.0.3' },
    ],
  ] as const)
    it(`take turns: ${what}`, async () => {
      const agent = new Agent({ keepAlive: true });
      let goesOn = true;
      const statuses = new Map<number, number>();
      const rush = Array.from({ length: GREEDY_CONNECTIONS }, async () => {
        while (goesOn) {
          const status = await ask(agent, greedy);
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
          // As a client does that was refused.
          if (status !== 200) await pause(WORK_MS);
        }
      });
      try {
        const isFull = () => [...statuses].some(([status, count]) => status !== 200 && count > 20);
        await eventually(isFull, 'the greedy one is refused', 120_000);
        const own = new Agent({ keepAlive: true });
        const answers: number[] = [];
        for (let each = 0; each < QUIET_REQUESTS; each++) answers.push(await ask(own, quiet));
        own.destroy();
        assert.deepEqual(
          answers,
          answers.map(() => 200),
        );
        assert.ok((statuses.get(200) ?? 0) > 0, 'the greedy one has its share');
      } finally {
        goesOn = false;
        await Promise.all(rush);
        agent.destroy();
      }
    });
});
