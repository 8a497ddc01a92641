// Functions as real child processes: started, called, replaced on save, restarted, ended. The
// runtime here is a small program of the test.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realWorld } from '../../../../core/world.ts';
import type { FunctionDefinition, FunctionHost } from '../../../../drivers/function-host/function-host.ts';
import { createLocalHost } from '../../../../drivers/function-host/local/local-host.ts';
import { eventually } from '../../../eventually.ts';

const runtime = { program: process.execPath, args: [join(import.meta.dirname, '../../../fixtures/tiny-runtime.mjs')] };
const forever = new AbortController().signal;

describe('functions as child processes', () => {
  let folder: string;
  let host: FunctionHost;
  const logs: string[] = [];
  const failures: string[] = [];
  const reloads: string[] = [];
  const file = () => join(folder, 'hello.mjs');
  const definition = (change: Partial<FunctionDefinition> = {}): FunctionDefinition => ({
    name: 'hello',
    namespace: 'default',
    run: { by: 'source', file: file() },
    concurrency: 10,
    minInstances: 0,
    maxInstances: 1,
    timeoutMs: 1000,
    maxBodyBytes: 1024,
    idleMs: 60_000,
    env: { GREETING: 'hello' },
    ...change,
  });
  const call = async (): Promise<string> => {
    const lease = await host.acquire('default', 'hello', forever);
    try {
      return await (await fetch(lease.origin)).text();
    } finally {
      lease.release();
    }
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tenfold-host-'));
    for (const list of [logs, failures, reloads]) list.splice(0);
    writeFileSync(file(), 'export default () => `${process.env.GREETING} one`;');
    host = createLocalHost({
      world: realWorld,
      runtime,
      environment: () => ({ own: process.env, passed: [], told: { TENFOLD_INTERNAL_URL: 'http://127.0.0.1:1' } }),
      flags: () => [],
      watch: true,
      listener: {
        log: (_, stream, text) => logs.push(`${stream} ${text}`),
        failed: (_, failure, stillServing) => failures.push(`${failure.message} ${stillServing}`),
        reloaded: (_, changed) => reloads.push(changed),
      },
      limits: { drainMs: 1000 },
      startTimeoutMs: 5000,
    });
  });
  afterEach(async () => {
    await host.close(0);
    rmSync(folder, { recursive: true });
  });

  it('tell why where the system takes no process, and the next one starts when it does', async () => {
    host.apply([definition({ env: { GREETING: 'hello', LARGE: 'x'.repeat(4_000_000) } })]);
    await assert.rejects(call());
    assert.match(
      failures.join(),
      /cannot be started \(spawn E2BIG: the system takes no `env` and `permissions` as large/,
    );
    host.apply([definition()]);
    assert.equal(await call(), 'hello one');
  });

  it('start at the first call, with their variables, and pass on what they print', async () => {
    host.apply([definition()]);
    assert.equal(host.status()[0]?.state, 'asleep');
    assert.equal(await call(), 'hello one');
    assert.equal(host.status()[0]?.instances, 1);
    await eventually(
      () => logs.some(line => line === 'stdout called with http://127.0.0.1:1'),
      'the line is passed on',
    );
  });

  it('serve the new code after a save, and no request fails meanwhile', async () => {
    host.apply([definition()]);
    await call();
    let stop = false;
    const answers = new Set<string>();
    const load = (async () => {
      while (!stop) answers.add(await call());
    })();
    writeFileSync(file(), 'export default () => `${process.env.GREETING} two`;');
    await eventually(() => answers.has('hello two'), 'the new code serves');
    stop = true;
    await load;
    assert.deepEqual([...answers], ['hello one', 'hello two']);
    assert.deepEqual(reloads, [file()]);
  });

  it('keep serving the old code when the new code does not load, and recover with the next save', async () => {
    host.apply([definition()]);
    await call();
    writeFileSync(file(), 'export default () => {');
    await eventually(() => failures.length === 1, 'the failure is reported');
    assert.match(failures[0] ?? '', /true$/);
    assert.equal(await call(), 'hello one');
    writeFileSync(file(), 'export default () => "three";');
    await eventually(async () => (await call()) === 'three', 'the mended code serves');
  });

  it('are not replaced when a file is written with what it held', async () => {
    host.apply([definition()]);
    await call();
    writeFileSync(file(), 'export default () => `${process.env.GREETING} one`;');
    writeFileSync(file(), 'export default () => `${process.env.GREETING} one`;');
    writeFileSync(join(folder, 'other.txt'), 'x');
    await new Promise(resolve => setTimeout(resolve, 100));
    assert.deepEqual(reloads, []);
    assert.equal(host.status()[0]?.restarts, 0);
  });

  it('start again after a crash', async () => {
    writeFileSync(
      file(),
      'export default () => { setTimeout(() => process.exit(3), 5); return String(process.pid); };',
    );
    host.apply([definition()]);
    const first = await call();
    await eventually(() => failures.length === 1, 'the crash is reported');
    assert.match(failures[0] ?? '', /exit code 3/);
    assert.notEqual(await call(), first);
  });

  it('refuse with function-crashed when the module does not exist', async () => {
    host.apply([definition({ run: { by: 'source', file: join(folder, 'missing.mjs') } })]);
    await assert.rejects(call(), { code: 'function-crashed' });
    assert.equal(host.status()[0]?.state, 'unavailable');
  });

  it('take a changed definition over: the old instance ends, the next call gets the new one', async () => {
    host.apply([definition()]);
    assert.equal(await call(), 'hello one');
    host.apply([definition({ env: { GREETING: 'bonjour' } })]);
    assert.equal(await call(), 'bonjour one');
  });

  it('leave what is unchanged alone', async () => {
    host.apply([definition()]);
    await call();
    host.apply([definition()]);
    assert.equal(host.status()[0]?.instances, 1);
  });

  it('end with the host: no process is left', async () => {
    writeFileSync(file(), 'export default () => String(process.pid);');
    host.apply([definition()]);
    const pid = Number(await call());
    await host.close(1000);
    assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
  });

  it('by url are called where they are', async () => {
    host.apply([definition({ run: { by: 'url', url: 'http://orders.example:8080/v1/' } })]);
    const lease = await host.acquire('default', 'hello', forever);
    assert.deepEqual([lease.origin, lease.basePath], ['http://orders.example:8080', '/v1']);
    assert.equal(host.status()[0]?.inFlight, 1);
    lease.release();
    assert.equal(host.status()[0]?.inFlight, 0);
  });

  it('that nobody knows are refused with unknown-function', async () => {
    await assert.rejects(host.acquire('default', 'nothing', forever), { code: 'unknown-function' });
  });
});
