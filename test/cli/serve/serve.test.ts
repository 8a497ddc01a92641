// `tenfold serve` as a process: JSON logs, no watching, drained by SIGTERM,
// refused with invalid resources.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { join } from 'node:path';
import type { List } from '../../../admin/api.ts';
import type { SettingReport } from '../../../admin/settings/settings-view.ts';
import { first, second } from '../../fixtures/tls/certificates.ts';
import { APP_YAML, endApplications, FREE_PORTS, GREETER, SLOW_GREETER, startApplication } from '../application.ts';
import { runCli } from '../run-cli.ts';
import { removeTempFolders, tempFolder } from '../temp-folder.ts';
import { until } from '../until.ts';

const PUBLIC = /"public":"(http:[^"]+)"/;

function linesOf(text: string): { level: string; message: string; [field: string]: unknown }[] {
  return text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
}

describe('tenfold serve', () => {
  afterEach(() => {
    endApplications();
    removeTempFolders();
  });

  it('logs JSON lines only, those of functions among them', async () => {
    const folder = tempFolder({ 'app.yaml': APP_YAML, 'greeter.ts': GREETER });
    const { url, stdout, end } = await startApplication(['serve', folder], folder, PUBLIC);
    assert.equal((await fetch(`${url}/hello/Ada`)).status, 200);
    await until('the raw line is there', () => stdout().includes('raw line'));
    assert.equal(await end('SIGTERM'), 0);
    const lines = linesOf(stdout());
    const expected = ['resources are in force', 'listening', 'greeted', 'raw line', 'request', 'stopping', 'stopped'];
    for (const message of expected) {
      assert.ok(
        lines.some(line => line.message === message),
        message,
      );
    }
    assert.ok(lines.every(line => typeof line.level === 'string' && !Number.isNaN(Date.parse(String(line['time'])))));
  });

  it('logs each request', async () => {
    const folder = tempFolder({ 'app.yaml': APP_YAML, 'greeter.ts': GREETER });
    const { url, stdout, end } = await startApplication(['serve', folder], folder, PUBLIC);
    await fetch(`${url}/hello/Ada`);
    await until('the request is logged', () => stdout().includes('"message":"request"'));
    await end('SIGTERM');
    const entry = linesOf(stdout()).find(line => line.message === 'request');
    assert.deepEqual([entry?.['status'], entry?.['path'], entry?.['target']], [200, '/hello/Ada', 'function greeter']);
  });

  it('finishes requests in flight before it ends', async () => {
    const folder = tempFolder({ 'app.yaml': APP_YAML, 'greeter.ts': SLOW_GREETER(500) });
    const { url, stdout, end } = await startApplication(['serve', folder], folder, PUBLIC);
    const pending = fetch(`${url}/hello/Ada`);
    await until('the function works on it', () => stdout().includes('raw line'));
    const code = end('SIGTERM');
    assert.equal((await pending).status, 200);
    assert.equal(await code, 0);
  });

  it('tells the admin API what it is set to, by whom, and no secret', async () => {
    const folder = tempFolder({ 'app.yaml': APP_YAML, 'greeter.ts': GREETER, 'tenfold.yaml': 'drain: 3s\n' });
    const token = 'a-token-that-is-long-enough';
    const config = join(folder, 'tenfold.yaml');
    const { stdout, end } = await startApplication(['serve', folder, '--config', config], folder, PUBLIC, {
      env: { TENFOLD_ADMIN_TOKEN: token },
    });
    const admin = /"admin":"(http:[^"]+)"/.exec(stdout())?.[1];
    const answer = await fetch(`${admin}/api/settings`, { headers: { authorization: `Bearer ${token}` } });
    const text = await answer.text();
    const { items } = JSON.parse(text) as List<SettingReport>;
    const of = (name: string) => items.find(each => each.name === name);
    assert.deepEqual([of('drain')?.value, of('drain')?.origin], ['3s', 'file']);
    assert.deepEqual([of('admin.token')?.origin, of('admin.token')?.from], ['variable', 'TENFOLD_ADMIN_TOKEN']);
    assert.ok(!text.includes(token));
    assert.equal(await end('SIGTERM'), 0);
  });

  it('does not follow changes', async () => {
    const folder = tempFolder({ 'app.yaml': APP_YAML, 'greeter.ts': GREETER });
    const { url, end } = await startApplication(['serve', folder], folder, PUBLIC);
    assert.equal((await fetch(`${url}/hello/Ada`)).status, 200);
    writeFileSync(join(folder, 'app.yaml'), APP_YAML.replace('/hello', '/hi'));
    writeFileSync(join(folder, 'greeter.ts'), GREETER.replace('Hello', 'Salve'));
    // Watching would notice within tens of milliseconds; a while of unchanged answers
    // shows that nobody watches.
    const enough = Date.now() + 700;
    while (Date.now() < enough) {
      const response = await fetch(`${url}/hello/Ada`);
      assert.equal(((await response.json()) as { greeting: string }).greeting, 'Hello, Ada!');
    }
    assert.equal(await end('SIGTERM'), 0);
  });

  it('ends with 1 when the resources are invalid, and logs every error with its place', async () => {
    const folder = tempFolder({ 'app.yaml': APP_YAML.replace('kind: Api', 'kind: Ap'), 'greeter.ts': GREETER });
    const { code, stdout } = await runCli(['serve', folder, ...FREE_PORTS], { cwd: folder });
    assert.equal(code, 1);
    const errors = linesOf(stdout).filter(line => line.level === 'error');
    assert.equal(errors.length, 1);
    assert.match(errors[0]?.message ?? '', /Did you mean "Api"/);
    assert.equal((errors[0]!['problem'] as { line: number }).line, 7);
  });

  it('serves from a folder that it cannot write to, and is found by address and token', async () => {
    // A file in the place of the folder stops root, too.
    const folder = tempFolder({ 'app.yaml': APP_YAML, 'greeter.ts': GREETER, '.tenfold': '' });
    const env = { TENFOLD_ADMIN_TOKEN: 'token-of-the-operator' };
    const { url, stdout, end } = await startApplication(['serve', folder], folder, PUBLIC, { env });
    assert.equal((await fetch(`${url}/hello/Ada`)).status, 200);
    assert.match(stdout(), /"level":"warn".*the folder cannot be written/);
    const [, admin = ''] = /"admin":"(http:[^"]+)"/.exec(stdout()) ?? [];
    const { code, stderr } = await runCli(['get', 'routes', '--admin', admin], { cwd: folder, env });
    assert.equal(code, 0, stderr);
    assert.equal(await end('SIGTERM'), 0);
  });

  it('refuses an admin token that could be guessed', async () => {
    const folder = tempFolder({ 'app.yaml': APP_YAML, 'greeter.ts': GREETER });
    const env = { TENFOLD_ADMIN_TOKEN: 'secret' };
    const { code, stderr } = await runCli(['serve', folder, ...FREE_PORTS], { cwd: folder, env });
    assert.equal(code, 2);
    assert.match(
      stderr,
      /TENFOLD_ADMIN_TOKEN has 6 characters.* Give it at least 16.*\n.*admin\.token\nerror: .*1 error/,
    );
  });

  it('speaks HTTPS with a certificate', async () => {
    const folder = tempFolder({ 'app.yaml': APP_YAML, 'greeter.ts': GREETER });
    const { cert, key } = first.files;
    const words = ['serve', folder, '--tls-cert', cert, '--tls-key', key];
    const { url, end } = await startApplication(words, folder, /"public":"(https:[^"]+)"/);
    const status = await new Promise((resolve, reject) => {
      get(`${url}/hello/Ada`, { ca: first.cert, agent: false }, response => resolve(response.resume().statusCode)).on(
        'error',
        reject,
      );
    });
    assert.equal(status, 200);
    assert.equal(await end('SIGTERM'), 0);
  });

  const wrong: readonly [name: string, words: string[], code: number, message: RegExp][] = [
    [
      'without its key',
      ['--tls-cert', first.files.cert],
      2,
      /The field "key" is missing\. Set public\.certificate\.key/,
    ],
    [
      'with the key of another',
      ['--tls-cert', first.files.cert, '--tls-key', second.files.key],
      1,
      /cannot be used: .*key values mismatch.*\nNext: give both in PEM/,
    ],
    ['that is not there', ['--tls-cert', 'nope.crt', '--tls-key', first.files.key], 3, /no such file.*nope\.crt/],
  ];
  for (const [name, words, code, message] of wrong) {
    it(`refuses a certificate ${name}, before anything is started`, async () => {
      const folder = tempFolder({ 'app.yaml': APP_YAML, 'greeter.ts': GREETER });
      const result = await runCli(['serve', folder, ...words, ...FREE_PORTS], { cwd: folder });
      assert.equal(result.code, code, result.stderr);
      assert.match(result.stderr, message);
      assert.equal(result.stdout, '');
    });
  }
});
