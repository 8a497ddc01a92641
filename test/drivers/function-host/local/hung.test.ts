// A function whose event loop is blocked, as a real child process of the real runtime: it is
// replaced, and its calls hear why.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { childContext } from '../../../../core/trace-context.ts';
import { realWorld } from '../../../../core/world.ts';
import type { FunctionHost } from '../../../../drivers/function-host/function-host.ts';
import { createLocalHost } from '../../../../drivers/function-host/local/local-host.ts';
import { createAddressCheck } from '../../../../gateway/transport/address-policy.ts';
import { createTransport } from '../../../../gateway/transport/create-transport.ts';
import { callTarget } from '../../../../gateway/upstream/buffered-call.ts';
import { CallTimes } from '../../../../gateway/upstream/call-times.ts';
import { createFunctionTarget } from '../../../../gateway/upstream/function-target.ts';
import { AskedPause } from '../../../../gateway/upstream/policies/asked-pause.ts';
import { RetryBudget } from '../../../../gateway/upstream/policies/retry-budget.ts';
import { eventually } from '../../../eventually.ts';

const ROOT = join(import.meta.dirname, '../../../..');
const CODE = `import { http } from ${JSON.stringify(join(ROOT, 'sdk/index.ts'))};
export default http(request => {
  if (request.path === '/hang') for (;;);
  if (request.path === '/compute') for (const end = Date.now() + 700; Date.now() < end; );
  return String(process.pid);
});
`;

describe('a function whose event loop is blocked', function () {
  this.timeout(600_000);
  let folder: string;
  let host: FunctionHost;
  const failures: string[] = [];
  const transport = createTransport({
    checkAddress: createAddressCheck({ allowLoopback: true }),
    connectTimeoutMs: 5000,
  });

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'tenfold-hung-'));
    writeFileSync(join(folder, 'menu.ts'), CODE);
    host = createLocalHost({
      world: realWorld,
      runtime: { program: process.execPath, args: ['--conditions=tenfold-source', join(ROOT, 'runtime/main.ts')] },
      environment: () => ({ own: process.env, passed: [], told: {} }),
      flags: () => [],
      watch: false,
      listener: {
        log() {},
        failed: (_, { message, replaced }) => failures.push(`${message} ${replaced}`),
        reloaded() {},
      },
      startTimeoutMs: 60_000,
    });
    host.apply([
      {
        name: 'menu',
        namespace: 'default',
        run: { by: 'source', file: join(folder, 'menu.ts') },
        concurrency: 10,
        minInstances: 0,
        maxInstances: 1,
        timeoutMs: 60_000,
        maxBodyBytes: 1024,
        idleMs: 60_000,
        env: {},
        health: { path: '/healthz', readyPath: '/readyz', unreadyAfterMs: 1500, restartAfterMs: 3000 },
      },
    ]);
  });
  after(async () => {
    await host.close(0);
    await transport.destroy();
    rmSync(folder, { recursive: true });
  });

  const call = (path: string) => {
    const init = { method: 'GET', path, headers: [], body: null, timeoutMs: 60_000, maxBody: 1000 };
    const target = createFunctionTarget({
      world: realWorld,
      host,
      transport,
      namespace: 'default',
      name: 'menu',
      ownHeaders: [],
      pause: new AskedPause(realWorld),
      budget: new RetryBudget(),
      times: new CallTimes(realWorld),
    });
    return callTarget(realWorld, target, { ...init, trace: childContext(undefined) }).then(
      ({ status, body }) => `${status} ${body}`,
      error => `${error.status} ${error.code}: ${error.message}`,
    );
  };

  it('is replaced after it has answered no health check for so long, and calls in flight end with that', async () => {
    const first = await call('/');
    assert.match(first, /^200 \d+$/);
    assert.equal(await call('/compute'), first, 'one that computes for a moment stays');
    const hung = [call('/hang'), call('/')];
    for (const said of await Promise.all(hung))
      assert.match(said, /^502 bad-gateway: Function menu hung: its process answered nothing for 3 s and was replaced/);
    const next = await call('/');
    assert.match(next, /^200 \d+$/);
    assert.notEqual(next, first, 'it is another process');
    assert.match(failures.join(), /^the process hung: .* for 3 s, and is replaced; 2 calls end with an error true$/);
    await eventually(() => !isAlive(Number(first.slice(4))), 'the process that hung has ended');
    assert.equal(host.status()[0]?.restarts, 1);
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
