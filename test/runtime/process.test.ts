// A function's process from start to end: settings, readiness, signals, crashes, its host, and a
// file system it cannot write to.
import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { exitCodes } from '../../runtime/exit-codes.ts';
import { freePorts } from '../cluster/free-ports.ts';
import { eventually } from '../eventually.ts';
import { startProcess, stopProcesses } from './function-process.ts';

/** As of Debian and of images without a user of their own. */
const NOBODY = 65534;
const HELLO = "export default () => ({ hello: 'world' });";

function endProcesses(): void {
  afterEach(stopProcesses);
}

describe('a function’s process', () => {
  endProcesses();

  it('answers on the port it reports, and its host learns which local files it depends on', async () => {
    const started = startProcess({
      'fn.ts':
        "import { greet } from './lib/greet.ts';\nimport { http } from 'tenfold';\nexport default http(() => greet());",
      'lib/greet.ts':
        "import dep from 'dep';\nimport words from './words.json' with { type: 'json' };\nexport const greet = (): string => words.hello + dep;",
      'lib/words.json': '{"hello":"hi"}',
      'node_modules/dep/package.json': '{"name":"dep","type":"module","exports":"./index.js"}',
      'node_modules/dep/index.js': "export default ' there';",
    });
    const url = await started.ready();
    assert.equal(await (await fetch(url)).text(), 'hi there');
    const [message] = started.messages;
    assert.ok(message?.type === 'ready');
    const expected = ['fn.ts', 'lib/greet.ts', 'lib/words.json'].map(path => join(started.folder, path));
    assert.deepEqual([...message.files].sort(), expected);
  });

  it('reports files that a dynamic import loads later', async () => {
    const started = startProcess({
      'fn.ts': "export default async () => (await import('./later.ts')).value;",
      'later.ts': "export const value: string = 'later';",
    });
    assert.equal(await (await fetch(await started.ready())).text(), 'later');
    await eventually(() => started.messages.length === 2, 'the second report');
    assert.deepEqual(started.messages[1], { type: 'files', files: [join(started.folder, 'later.ts')] });
  });

  it('finishes what is in flight after SIGTERM, and ends with 0', async () => {
    const started = startProcess({
      'fn.ts':
        "export default async () => { console.log('begun'); await new Promise(r => setTimeout(r, 300)); return 'done'; };",
    });
    const answer = fetch(await started.ready());
    await eventually(() => started.lines.some(line => line['text'] === 'begun'), 'the request has begun');
    started.child.kill('SIGTERM');
    assert.equal(await (await answer).text(), 'done');
    assert.equal(await started.ended, exitCodes.drained);
  });

  it('ends with 0 after its grace, whatever still hangs, and says so', async () => {
    const started = startProcess(
      { 'fn.ts': "export default () => { console.log('begun'); return new Promise(() => {}); };" },
      { env: { TENFOLD_GRACE_MS: '50' } },
    );
    const answer = fetch(await started.ready());
    await eventually(() => started.lines.some(line => line['text'] === 'begun'), 'the request has begun');
    started.child.kill('SIGTERM');
    assert.equal((await answer).status, 503);
    assert.equal(await started.ended, exitCodes.drained);
    assert.match(String(started.lines.at(-1)?.['message']), /^1 requests did not end within 50 ms/);
  });

  it('ends when its host is gone', async () => {
    const started = startProcess({ 'fn.ts': HELLO });
    await started.ready();
    started.child.disconnect();
    assert.equal(await started.ended, exitCodes.drained);
  });

  const crashes: Array<[name: string, code: string, event: string, message: RegExp]> = [
    [
      'an error outside a request',
      "setTimeout(() => { throw new TypeError('boom'); }, 20)",
      'uncaughtException',
      /^boom$/,
    ],
    [
      'a rejection nobody handles',
      "setTimeout(() => Promise.reject(new TypeError('boom')), 20)",
      'unhandledRejection',
      /^boom$/,
    ],
    [
      'a rejection with no error',
      'setTimeout(() => Promise.reject(42), 20)',
      'unhandledRejection',
      /no error was thrown: 42/,
    ],
  ];
  for (const [name, code, event, message] of crashes) {
    it(`${name} ends it with one clear line and the stack`, async () => {
      const started = startProcess({ 'fn.ts': `${code};\n${HELLO}` });
      assert.equal(await started.ended, exitCodes.crashed);
      const [line, ...more] = started.lines;
      assert.deepEqual(more, []);
      assert.equal(line?.['message'], 'the function crashed outside a request; the process ends');
      assert.equal(line?.['event'], event);
      const error = line?.['error'] as { message: string; stack: string };
      assert.match(error.message, message);
      if (message.source === '^boom$') assert.match(error.stack, /fn\.ts:1:/);
    });
  }
});

describe('a function’s process and what it is told', () => {
  endProcesses();

  it('refuses wrong settings with their own exit code, all of them at once', async () => {
    const started = startProcess({ 'fn.ts': HELLO }, { env: { PORT: 'x', TENFOLD_QUEUE: '-1' } });
    assert.equal(await started.ended, exitCodes.badSettings);
    assert.deepEqual(
      started.lines.map(line => line['level']),
      ['error', 'error'],
    );
  });

  it('warns of settings it does not know, and starts', async () => {
    const started = startProcess({ 'fn.ts': HELLO }, { env: { TENFOLD_TIMEOUT: '1s' } });
    await started.ready();
    assert.match(
      String(started.lines[0]?.['message']),
      /TENFOLD_TIMEOUT is not known .* did you mean TENFOLD_TIMEOUT_MS\?/,
    );
  });

  it('says when its port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise(resolve => taken.once('listening', resolve));
    const { port } = taken.address() as AddressInfo;
    const started = startProcess({ 'fn.ts': HELLO }, { env: { PORT: String(port) } });
    assert.equal(await started.ended, exitCodes.cannotListen);
    assert.match(String(started.lines[0]?.['message']), new RegExp(`cannot listen on 127.0.0.1:${port}`));
    taken.close();
  });

  it('writes nothing to the file system', async () => {
    // Node's permission model refuses every write, as a read-only file system would.
    const nodeArgs = ['--permission', '--allow-fs-read=*', '--disable-warning=SecurityWarning'];
    const started = startProcess(
      { 'fn.ts': "import { http } from 'tenfold';\nexport default http(() => 'read-only');" },
      { nodeArgs },
    );
    assert.equal(await (await fetch(await started.ready())).text(), 'read-only');
    started.child.kill('SIGTERM');
    assert.equal(await started.ended, exitCodes.drained);
  });

  it('runs as a user without rights, on the $PORT that it is given', async () => {
    const [port = 0] = await freePorts(1);
    const started = startProcess(
      { 'fn.ts': "import { http } from 'tenfold';\nexport default http(() => String(process.getuid?.()));" },
      { env: { PORT: String(port) }, user: NOBODY },
    );
    assert.equal(await started.ready(), `http://127.0.0.1:${port}`);
    const uid = await (await fetch(`http://127.0.0.1:${port}`)).text();
    assert.notEqual(uid, '0');
    started.child.kill('SIGTERM');
    assert.equal(await started.ended, exitCodes.drained);
  });

  it('reaches other functions by the internal listener, with its key, deadline and trace, again when it is cut off', async () => {
    let seen: IncomingHttpHeaders = {};
    let attempts = 0;
    const endpoints = createServer((request, response) => {
      if (++attempts === 1) return void request.socket.resetAndDestroy();
      seen = request.headers;
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ url: request.url }));
    }).listen(0, '127.0.0.1');
    await new Promise(resolve => endpoints.once('listening', resolve));
    const { port } = endpoints.address() as AddressInfo;
    const started = startProcess(
      {
        'orders.ts':
          "export default async (_: unknown, { invoke }: any) => (await invoke('menu', { path: '/today', query: { a: 1 } })).body;",
      },
      {
        env: {
          TENFOLD_INTERNAL_URL: `http://127.0.0.1:${port}`,
          TENFOLD_INTERNAL_KEY: 'secret',
          TENFOLD_TIMEOUT_MS: '5000',
        },
      },
    );
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const answer = await fetch(await started.ready(), { headers: { traceparent, 'tenfold-depth': '1' } });
    assert.deepEqual(await answer.json(), { url: '/functions/menu/today?a=1' });
    assert.equal(seen['tenfold-key'], 'secret');
    assert.equal(seen['tenfold-caller'], 'orders');
    assert.equal(seen['tenfold-depth'], '2');
    assert.match(String(seen['traceparent']), new RegExp(`^00-${'a'.repeat(32)}-`));
    assert.ok(Number(seen['tenfold-timeout-ms']) <= 5000);
    endpoints.closeAllConnections();
    endpoints.close();
  });

  it('says that it was not told where the internal listener is', async () => {
    const started = startProcess({ 'fn.ts': "export default (_: unknown, { publish }: any) => publish('t', 1);" });
    assert.equal((await fetch(await started.ready())).status, 500);
    await eventually(() => started.lines.length === 1, 'the line');
    assert.match(JSON.stringify(started.lines[0]), /set TENFOLD_INTERNAL_URL/);
  });
});
