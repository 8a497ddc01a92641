// Two teams at one running platform, each with a token that has a role in its namespace: what the
// command line shows them, refuses them, and what becomes of a token that is taken back.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../../eventually.ts';
import { endApplications, startApplication } from '../application.ts';
import { runCli } from '../run-cli.ts';
import { removeTempFolders, tempFolder } from '../temp-folder.ts';

const teamOf = (namespace: string) => `apiVersion: tenfold.dev/v1alpha1
kind: Queue
metadata: { name: ${namespace}-imports, namespace: ${namespace} }
spec: { to: { url: "http://127.0.0.1:9/work" }, retry: { initial: 1h, max: 1h } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: ${namespace}-shop, namespace: ${namespace} }
spec:
  basePath: /${namespace}
  routes: [{ match: { method: POST, path: /imports }, to: { queue: ${namespace}-imports } }]
`;
const tokenOf = (name: string) => `token-of-${name}-and-some-more`;
const entryOf = (name: string, role: string, namespaces?: string[]) => ({
  name,
  role,
  sha256: createHash('sha256').update(tokenOf(name)).digest('hex'),
  ...(namespaces && { namespaces }),
});

describe('roles at a running platform', () => {
  let folder: string;
  let admin: string;
  const tokens = () => join(folder, 'tokens.yaml');
  const write = (...entries: object[]) => writeFileSync(tokens(), JSON.stringify({ tokens: entries }));
  const green = entryOf('green', 'operator', ['green']);
  const boss = entryOf('boss', 'admin', ['green']);

  before(async () => {
    folder = tempFolder({ 'green.yaml': teamOf('green'), 'blue.yaml': teamOf('blue') });
    write(green, boss);
    const env = { TENFOLD_ADMIN_TOKENS: tokens() };
    const { url } = await startApplication(['serve', folder], folder, /"public":"(http:[^"]+)"/, { env });
    ({ admin } = JSON.parse(readFileSync(join(folder, '.tenfold', 'platform.json'), 'utf8')).addresses);
    for (const namespace of ['green', 'blue']) {
      const headers = { 'content-type': 'application/json', 'idempotency-key': '"one"' };
      const answer = await fetch(`${url}/${namespace}/imports`, { method: 'POST', headers, body: '{}' });
      assert.equal(answer.status, 202, await answer.text());
    }
  });
  after(() => {
    endApplications();
    removeTempFolders();
  });

  const run = (name: string, ...words: string[]) =>
    runCli([...words, '--admin', admin, '--token', tokenOf(name)], { cwd: folder });

  it('show a team its own in every list', async () => {
    for (const words of [
      ['get', 'apis'],
      ['routes'],
      ['subscriptions', 'list'],
      ['jobs', 'list'],
      ['diagnose', '-n', 'green'],
      ['top', '--once'],
      ['dead', 'list'],
      ['parked', 'list'],
    ]) {
      const { code, stdout, stderr } = await run('green', ...words);
      assert.ok(code === 0 || code === 6, `${words}: ${stderr}`);
      assert.doesNotMatch(stdout + stderr, /blue/, String(words));
    }
    for (const [words, shown] of [
      [['get', 'apis'], /green-shop/],
      [['jobs', 'list'], /green-imports/],
    ] as const)
      assert.match((await run('green', ...words)).stdout, shown);
  });

  it('refuse a team what belongs to another, or to none, and say which role it takes', async () => {
    for (const [words, missing] of [
      [
        ['subscriptions', 'pause', 'queue/blue-imports', '-n', 'blue'],
        /"token green" may not view in namespace "blue"/,
      ],
      [['get', 'apis', '-n', 'blue'], /may not view in namespace "blue".*role viewer/],
      [['audit'], /may not administer in any namespace.*role admin/],
      [['doctor', '--online', '--repair'], /may not operate in all namespaces/],
    ] as const) {
      const { code, stderr } = await run('green', ...words);
      assert.equal(code, 4, `${words}: ${stderr}`);
      assert.match(stderr, missing);
    }
  });

  it('let a team act in its namespace, and its admin see who did', async () => {
    const paused = await run('green', 'subscriptions', 'pause', 'queue/green-imports', '-n', 'green');
    assert.equal(paused.code, 0, paused.stderr);
    const audit = await run('boss', 'audit');
    assert.match(audit.stdout, /consumers\/Queue\/green\/green-imports\/pause +done +token green/);
    assert.doesNotMatch(audit.stdout, /blue/);
  });

  it('are gone as soon as the token is taken out of the file', async () => {
    write(boss);
    await eventually(async () => (await run('green', 'get', 'apis')).code === 4, 'the token is refused');
    assert.match((await run('green', 'get', 'apis')).stderr, /does not know that token/);
    assert.equal((await run('boss', 'get', 'apis')).code, 0);
  });

  it('are missed by a diagnosis where their file cannot be used', async () => {
    writeFileSync(tokens(), '{ tokens: [');
    const said = async () => (await runCli(['diagnose'], { cwd: folder })).stdout;
    await eventually(async () => (await said()).includes('The file of tokens '), 'it names the file');
    write(boss);
    await eventually(async () => !(await said()).includes('The file of tokens '), 'all is well again');
  });
});
