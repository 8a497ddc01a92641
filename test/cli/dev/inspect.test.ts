// `tenfold dev --inspect`: a debugger finds each Function at a port of its own, and holds it for as
// long as it likes.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { APP_YAML, endApplications, GREETER, type Running, startApplication } from '../application.ts';
import { runCli } from '../run-cli.ts';
import { removeTempFolders, tempFolder } from '../temp-folder.ts';
import { until } from '../until.ts';
import { attach } from './debugger.ts';

const PUBLIC = /public +(http:\/\/\S+)/;
const LIMIT_MS = 4_000;
const LONGER_MS = LIMIT_MS + 1_000;

const LIMITED = APP_YAML.replace('./greeter.ts }', './greeter.ts, timeout: 4s }');
/** One function calls the other, and has as little time for that as its own caller has for it. */
const CHAIN = LIMITED.replace(
  '---',
  `---
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: asking }
spec: { source: ./asking.ts, timeout: 4s }
---`,
).replace('function: greeter', 'function: asking');
const ASKING = `import { http } from 'tenfold';

export default http(async (_request, { invoke }) => {
  const { body } = await invoke('greeter', { method: 'GET', path: '/Ada', timeoutMs: 4000 });
  return body;
});
`;
const EVENTS = `apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: orders }
spec: {}
---
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: receipts }
spec: { source: ./receipts.ts, timeout: 4s }
---
apiVersion: tenfold.dev/v1alpha1
kind: Subscription
metadata: { name: receipts }
spec: { topic: orders, to: { function: receipts } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  routes:
    - match: { method: POST, path: /orders }
      to: { topic: orders }
      event: { type: OrderCreated }
`;
const RECEIPTS = `import { event } from 'tenfold';

export default event((order, context) => {
  console.log('attempt', context.attempt);
});
`;
/** The line of the greeting in `GREETER`. */
const GREETING_LINE = 6;

async function start(
  files: Record<string, string>,
  words: readonly string[] = [],
): Promise<Running & { folder: string }> {
  const folder = tempFolder(files);
  const running = await startApplication(['dev', folder, '--inspect-port', '0', ...words], folder, PUBLIC);
  return { folder, ...running };
}

async function addressOf(name: string, stdout: () => string): Promise<string> {
  const line = new RegExp(`${name} +\\| a debugger can attach at (\\S+)`);
  return until(`the debugger's port of ${name} is printed`, () => line.exec(stdout())?.[1]);
}

async function greeting(url: string): Promise<[status: number, body: string]> {
  const response = await fetch(`${url}/hello/Ada`);
  return [response.status, await response.text()];
}

describe('tenfold dev --inspect', () => {
  afterEach(() => {
    endApplications();
    removeTempFolders();
  });

  it('pauses at the line of the source, and no time limit runs out until it goes on', async () => {
    const files = { 'app.yaml': CHAIN, 'greeter.ts': GREETER, 'asking.ts': ASKING };
    const { folder, url, stdout, end } = await start(files, ['--inspect']);
    const inspector = await attach(await addressOf('greeter', stdout));
    const file = join(folder, 'greeter.ts');
    await inspector.breakAt(file, GREETING_LINE);
    const answer = greeting(url);
    assert.deepEqual(await inspector.paused(), { file: pathToFileURL(file).href, line: GREETING_LINE });
    await until('it says why nothing happens', () => stdout().includes('a debugger holds a function'));
    await pause(LONGER_MS);
    assert.doesNotMatch(stdout(), / 50\d /);
    await inspector.send('Debugger.resume');
    assert.deepEqual(await answer, [200, '{"greeting":"Hello, Ada!"}']);
    inspector.close();
    assert.equal(await end('SIGINT'), 0);
  });

  it('delivers an event once, however long a debugger holds its function', async () => {
    const { folder, url, stdout, end } = await start({ 'app.yaml': EVENTS, 'receipts.ts': RECEIPTS }, ['--inspect']);
    const inspector = await attach(await addressOf('receipts', stdout));
    await inspector.breakAt(join(folder, 'receipts.ts'), 4);
    const response = await fetch(`${url}/orders`, { method: 'POST', body: '{}' });
    assert.ok(response.ok);
    assert.equal((await inspector.paused()).line, 4);
    await pause(LONGER_MS);
    await inspector.send('Debugger.resume');
    await until('it is delivered', () => stdout().includes('attempt 1'));
    inspector.close();
    assert.equal(await end('SIGINT'), 0);
    assert.doesNotMatch(stdout(), /attempt 2/);
  });

  it('keeps time limits while a debugger is attached and holds nothing', async () => {
    const hangs = GREETER.replace("'GET /:name': (", "'GET /:name': async (").replace(
      'return {',
      'await new Promise(() => {});\n    return {',
    );
    const { url, stdout, end } = await start({ 'app.yaml': LIMITED, 'greeter.ts': hangs }, ['--inspect']);
    const inspector = await attach(await addressOf('greeter', stdout));
    assert.equal((await greeting(url))[0], 504);
    inspector.close();
    assert.equal(await end('SIGINT'), 0);
  });

  it('has the port of a Function after a change of its code, and lets go the process before', async () => {
    const { folder, url, stdout, end } = await start({ 'app.yaml': LIMITED, 'greeter.ts': GREETER }, ['--inspect']);
    const address = await addressOf('greeter', stdout);
    const before = await attach(address);
    writeFileSync(join(folder, 'greeter.ts'), `\n${GREETER.replace('Hello', 'Salve')}`);
    await before.gone;
    const inspector = await attach(address);
    await inspector.breakAt(join(folder, 'greeter.ts'), GREETING_LINE + 1);
    const answer = greeting(url);
    assert.equal((await inspector.paused()).line, GREETING_LINE + 1);
    // One that goes away lets go what it holds.
    inspector.close();
    assert.deepEqual(await answer, [200, '{"greeting":"Salve, Ada!"}']);
    assert.equal(await end('SIGINT'), 0);
  });

  it('ends on Ctrl-C although a debugger holds a function, whose answer still comes', async () => {
    const { folder, url, stdout, end } = await start({ 'app.yaml': LIMITED, 'greeter.ts': GREETER }, ['--inspect']);
    const inspector = await attach(await addressOf('greeter', stdout));
    await inspector.breakAt(join(folder, 'greeter.ts'), GREETING_LINE);
    const answer = greeting(url);
    await inspector.paused();
    const code = end('SIGINT');
    assert.equal((await answer)[0], 200);
    assert.equal(await code, 0);
  });

  it('is there for the one Function that is named, and for no other', async () => {
    const both = LIMITED.replace('---', `---\n${LIMITED.split('---')[0]?.replaceAll('greeter }', 'other }')}---`);
    const { stdout, end } = await start({ 'app.yaml': both, 'greeter.ts': GREETER }, ['--inspect=other']);
    await addressOf('other', stdout);
    assert.doesNotMatch(stdout(), /greeter +\| a debugger/);
    assert.equal(await end('SIGINT'), 0);
  });
});

describe('tenfold dev --inspect, with a mistake', () => {
  afterEach(removeTempFolders);
  const files = { 'app.yaml': LIMITED, 'greeter.ts': GREETER };
  const ports = ['--port', '0', '--internal-port', '0', '--admin-port', '0'];

  it('says whose the port is that it was to have, and what to type', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const words = ['dev', '.', '--inspect', '--inspect-port', String(port), ...ports];
    const { code, stderr } = await runCli(words, { cwd: tempFolder(files) });
    other.close();
    assert.equal(code, 69, stderr);
    const [first = '', next = ''] = stderr.split('\n');
    const owner = `in use by process ${process.pid} \\(.+\\)`;
    assert.match(first, new RegExp(`^error: The port ${port} for the debugger of greeter is ${owner}\\.$`));
    assert.match(next, /--inspect-port 0 takes any free ones/);
  });

  const wrong: [words: string[], message: RegExp][] = [
    [['--inspect=greetr'], /There is no Function greetr that runs here from a source; did you mean greeter\?\nNext: /],
    [['--inspect-port', '0'], /--inspect-port goes with --inspect/],
    [['--inspect', '--cluster'], /--inspect is for Functions of this machine/],
  ];
  for (const [words, message] of wrong)
    it(`refuses ${words.join(' ')}`, async () => {
      const { code, stderr } = await runCli(['dev', '.', ...words, ...ports], { cwd: tempFolder(files) });
      assert.equal(code, 2);
      assert.match(stderr, message);
    });
});
