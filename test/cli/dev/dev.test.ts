// `tenfold dev` as a process: answers, follows edits, survives mistakes, tells all
// of it, and ends as asked.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { APP_YAML, endApplications, GREETER, type Running, SLOW_GREETER, startApplication } from '../application.ts';
import { runCli } from '../run-cli.ts';
import { removeTempFolders, tempFolder } from '../temp-folder.ts';
import { until } from '../until.ts';

const PUBLIC = /public +(http:\/\/\S+)/;

async function start(
  files: Record<string, string> = { 'app.yaml': APP_YAML, 'greeter.ts': GREETER },
): Promise<Running & { folder: string }> {
  const folder = tempFolder(files);
  return { folder, ...(await startApplication(['dev', folder], folder, PUBLIC)) };
}

async function greeting(url: string): Promise<string | undefined> {
  const response = await fetch(`${url}/hello/Ada`);
  return response.ok ? ((await response.json()) as { greeting: string }).greeting : undefined;
}

/** Processes whose parent is `pid`, from /proc. */
function childrenOf(pid: number): string[] {
  return readdirSync('/proc')
    .filter(name => /^[0-9]+$/.test(name))
    .filter(name => {
      try {
        return readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1]?.split(' ')[1] === String(pid);
      } catch {
        return false;
      }
    });
}

function endAll(): void {
  afterEach(() => {
    endApplications();
    removeTempFolders();
  });
}

describe('tenfold dev', () => {
  endAll();

  it('shows routes, answers requests, and prints requests and logs of functions in plain lines', async () => {
    const { url, stdout, end } = await start();
    assert.equal(await greeting(url), 'Hello, Ada!');
    await until('the request is printed', () => /GET \/hello\/Ada 200 [\d.]+ ms → function greeter/.test(stdout()));
    await until('the log is printed', () => /greeter +\| info {2}greeted {2}name=Ada/.test(stdout()));
    await until('the raw line is printed', () => /greeter +\| raw line/.test(stdout()));
    assert.ok(stdout().includes(`GET  ${url}/hello/:name  → function greeter`), stdout());
    assert.doesNotMatch(stdout(), /\u001b/);
    assert.equal(await end('SIGINT'), 0);
  });

  it('serves an edit, keeps serving the old code past a mistake and shows it, and serves the repair', async () => {
    const { folder, url, stdout, end } = await start();
    const source = join(folder, 'greeter.ts');
    assert.equal(await greeting(url), 'Hello, Ada!');
    writeFileSync(source, GREETER.replace('Hello', 'Salve'));
    await until('the edit is live', async () => (await greeting(url)) === 'Salve, Ada!');
    await until('the reload is printed', () => /greeter +\| reloaded in \d+ ms \(greeter\.ts\)/.test(stdout()));

    writeFileSync(source, GREETER.replace('return {', 'return {;'));
    await until('the mistake is shown', () => stdout().includes('The version before it keeps serving.'));
    assert.match(stdout(), /greeter\.ts:6:\d+ error: /);
    assert.match(stdout(), /> 6 \| {5}return \{; greeting/);
    assert.equal(await greeting(url), 'Salve, Ada!');

    writeFileSync(source, GREETER.replace('Hello', 'Hola'));
    await until('the repair is live', async () => (await greeting(url)) === 'Hola, Ada!');
    assert.equal(await end('SIGINT'), 0);
  });

  it('refuses a wrong resource with its code frame, keeps the routes, and shows new ones when it is right', async () => {
    const { folder, url, stdout, end } = await start();
    const file = join(folder, 'app.yaml');
    writeFileSync(
      file,
      APP_YAML.replace('greeter }\n---', 'greeter, timout: 3s }\n---').replace(
        'spec: { source: ./greeter.ts }',
        'spec: { source: ./greeter.ts, timout: 3s }',
      ),
    );
    await until('the mistake is shown', () =>
      stdout().includes('the change is not live; the version before it keeps serving'),
    );
    assert.match(stdout(), /app\.yaml:\d+:\d+ error: There is no field "timout" here\. Did you mean "timeout"\?/);
    assert.equal(await greeting(url), 'Hello, Ada!');
    writeFileSync(file, APP_YAML.replace('/hello', '/hi'));
    await until('the new route is shown', () => stdout().includes(`${url}/hi/:name`));
    assert.equal((await fetch(`${url}/hi/Ada`)).status, 200);
    assert.equal(await end('SIGINT'), 0);
  });

  it('starts with wrong resources, says so, and serves when they are right', async () => {
    const { folder, url, stdout, end } = await start({
      'app.yaml': APP_YAML.replace('kind: Api', 'kind: Ap'),
      'greeter.ts': GREETER,
    });
    await until('it says what it waits for', () => stdout().includes('waiting for the resource files to become valid'));
    assert.match(stdout(), /Did you mean "Api"\?/);
    assert.equal((await fetch(`${url}/hello/Ada`)).status, 503);
    writeFileSync(join(folder, 'app.yaml'), APP_YAML);
    await until('it serves', () => greeting(url));
    assert.equal(await end('SIGINT'), 0);
  });

  it('leaves neither processes nor its state file behind', async () => {
    const { folder, child, url, end } = await start();
    assert.equal(await greeting(url), 'Hello, Ada!');
    const functions = childrenOf(child.pid ?? 0);
    assert.equal(functions.length, 1);
    assert.ok(existsSync(join(folder, '.tenfold', 'platform.json')));
    assert.equal(await end('SIGINT'), 0);
    await until('its functions have ended', () => !existsSync(`/proc/${functions[0]}`));
    assert.ok(!existsSync(join(folder, '.tenfold', 'platform.json')));
  });

  it('drains as well when its terminal is closed', async () => {
    const { stdout, end } = await start();
    assert.equal(await end('SIGHUP'), 0);
    assert.match(stdout(), /stopped\n$/);
  });

  it('lets requests finish after Ctrl-C in a terminal, which reaches the processes of functions as well', async () => {
    const folder = tempFolder({ 'app.yaml': APP_YAML, 'greeter.ts': SLOW_GREETER(1000) });
    const { child, url, stdout, closed } = await startApplication(['dev', folder], folder, PUBLIC, { detached: true });
    const pending = fetch(`${url}/hello/Ada`);
    await until('the function works on it', () => stdout().includes('raw line'));
    process.kill(-(child.pid ?? 0), 'SIGINT');
    assert.equal((await pending).status, 200);
    assert.equal(await closed, 0);
  });

  it('ends at once with 130 when it is asked twice, and its functions end, too', async () => {
    const { child, url, stdout, end } = await start({ 'app.yaml': APP_YAML, 'greeter.ts': SLOW_GREETER(20_000) });
    const pending = fetch(`${url}/hello/Ada`).then(
      response => response.status,
      () => 'cut',
    );
    await until('the function works on it', () => stdout().includes('raw line'));
    const functions = childrenOf(child.pid ?? 0);
    child.kill('SIGINT');
    await until('it drains', () =>
      stdout().includes('stopping: requests in flight may finish (Ctrl-C again ends at once)'),
    );
    assert.equal(await end('SIGINT'), 130);
    assert.equal(await pending, 'cut');
    await until('its functions have ended', () => functions.every(pid => !existsSync(`/proc/${pid}`)));
  });
});

describe('tenfold dev, beside other programs', () => {
  endAll();

  it('prints events as JSON lines for programs', async () => {
    const folder = tempFolder({ 'app.yaml': APP_YAML, 'greeter.ts': GREETER });
    const { url, stdout, end } = await startApplication(
      ['dev', folder, '--output', 'json'],
      folder,
      /"public":"(http:[^"]+)"/,
    );
    assert.equal(await greeting(url), 'Hello, Ada!');
    await until('the request is there', () => stdout().includes('"event":"request"'));
    assert.equal(await end('SIGTERM'), 0);
    const events = stdout()
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line));
    const names = events.map(({ event }) => event);
    for (const name of ['accepted', 'started', 'log', 'request', 'stopping', 'stopped'])
      assert.ok(names.includes(name), name);
    assert.ok(events.every(({ time }) => !Number.isNaN(Date.parse(time))));
    assert.equal(events.find(({ event }) => event === 'started').routes[0].path, '/hello/:name');
    assert.deepEqual(names.slice(-2), ['stopping', 'stopped']);
  });

  it('names the port that is taken, and what to type', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const words = ['dev', '.', '--port', String(port), '--internal-port', '0', '--admin-port', '0'];
    const { code, stderr } = await runCli(words, { cwd: tempFolder({ 'app.yaml': APP_YAML, 'greeter.ts': GREETER }) });
    other.close();
    assert.equal(code, 69);
    const [first = '', next] = stderr.split('\n');
    assert.match(first, new RegExp(`^error: The public port ${port} is in use by process ${process.pid} \\(.+\\)\\.$`));
    assert.equal(
      next,
      'Next: stop that program, or choose another port with --port PORT (--port 0 takes any free one).',
    );
  });

  it('can be asked by get and invoke while it runs', async () => {
    const { folder, end } = await start();
    const invoked = await runCli(['invoke', 'greeter', '--path', '/Ada'], { cwd: folder });
    assert.deepEqual([invoked.code, invoked.stdout], [0, '{"greeting":"Hello, Ada!"}']);
    const included = await runCli(['invoke', 'greeter', '--path', '/', '--include'], { cwd: folder });
    assert.equal(included.code, 4);
    assert.match(included.stdout, /^HTTP\/1\.1 404 Not Found\n/);
    const unknown = await runCli(['invoke', 'greetr'], { cwd: folder });
    assert.equal(unknown.code, 3);
    assert.match(unknown.stderr, /greetr.*\nNext: see the functions with "tenfold get functions"/);
    const { stdout } = await runCli(['get', 'function', 'greeter', '-o', 'json'], { cwd: folder });
    assert.equal(JSON.parse(stdout).state, 'available');
    assert.equal(await end('SIGINT'), 0);
  });

  it('gives functions a changed Secret, without a change of their resource', async () => {
    const { folder, url, stdout, end } = await start({
      'app.yaml': APP_YAML.replace(
        './greeter.ts }',
        './greeter.ts, env: [{ name: NAME, valueFrom: { secretKeyRef: { name: s, key: k } } }] }',
      ),
      'greeter.ts': 'export default () => ({ greeting: process.env.NAME });',
      '.tenfold/secrets/default/s.json': '{"k":"first"}',
    });
    assert.equal(await greeting(url), 'first');
    writeFileSync(join(folder, '.tenfold/secrets/default/s.json'), '{"k":"second"}');
    await until('the Secret is live', async () => (await greeting(url)) === 'second');
    assert.match(stdout(), /the change is live/);
    assert.equal(await end('SIGINT'), 0);
  });

  it('lets invoke into namespaces that came later', async () => {
    const { folder, stdout, end } = await start();
    const later = APP_YAML.split('---')[0]?.replace('name: greeter', 'name: greeter, namespace: later') ?? '';
    writeFileSync(join(folder, 'later.yaml'), later);
    await until('the change is live', () => stdout().includes('the change is live'));
    const { code, stderr } = await runCli(['invoke', 'greeter', '-n', 'later', '--path', '/Ada'], { cwd: folder });
    assert.equal(code, 0, stderr);
    assert.equal(await end('SIGINT'), 0);
  });
});
