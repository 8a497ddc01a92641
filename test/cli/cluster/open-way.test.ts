// How commands find the platform of a cluster, which token they show it, and what they say where
// there is none.
import assert from 'node:assert/strict';
import { symlinkSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CommandError } from '../../../cli/command-error.ts';
import { createConnector } from '../../../cli/platform/connector.ts';
import { findPlatform } from '../../../cli/platform/find-platform.ts';
import type { PlatformChoice } from '../../../cli/platform/platform-options.ts';
import type { Terminal } from '../../../cli/terminal.ts';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { fakeTerminal } from '../../fakes/fake-terminal.ts';
import { runCli } from '../run-cli.ts';
import { removeTempFolders, tempFolder } from '../temp-folder.ts';

const service = (name: string) => ({
  metadata: { name },
  spec: { selector: { app: 'tenfold' }, ports: [{ port: 9090, targetPort: 'admin' }] },
});
const pod = (name: string, more: object = {}) => ({
  metadata: { name },
  spec: { containers: [{ ports: [{ name: 'admin', containerPort: 9191 }] }] },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  ...more,
});

describe('the way to a platform in a cluster', () => {
  let server: Awaited<ReturnType<typeof startUpstream>>;
  let asked: { path: string; token: string | undefined; body: unknown }[];
  let answers: Record<string, unknown>;
  const terminals: Terminal[] = [];

  beforeEach(async () => {
    asked = [];
    answers = {
      services: { items: [service('tenfold-admin'), service('tenfold')] },
      pods: { items: [pod('starts', { status: { phase: 'Pending' } }), pod('serves')] },
      token: { status: { token: 'token-for-the-platform' } },
    };
    server = await startUpstream(answer);
  });
  afterEach(async () => {
    for (const { closers } of terminals.splice(0)) for (const close of closers) close();
    await server.close();
    removeTempFolders();
  });

  async function answer(request: IncomingMessage, response: ServerResponse) {
    let text = '';
    for await (const chunk of request) text += chunk;
    const { pathname } = new URL(request.url ?? '', 'http://x');
    asked.push({
      path: pathname,
      token: request.headers.authorization,
      body: text === '' ? undefined : JSON.parse(text),
    });
    const found = answers[pathname.split('/').at(-1) ?? ''];
    response.writeHead(found === undefined ? 403 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(found ?? { message: 'pods/portforward is forbidden' }));
  }

  const find = (
    choice: PlatformChoice = {},
    more: Partial<Terminal> = {},
    user: object = { token: 'token-of-ann' },
  ) => {
    const kubeconfig = join(tempFolder(), 'kubeconfig');
    const context = { cluster: 'c', user: 'u', namespace: 'shop' };
    const content = {
      'current-context': 'one',
      contexts: [{ name: 'one', context }],
      clusters: [{ name: 'c', cluster: { server: server.origin } }],
      users: [{ name: 'u', user }],
    };
    writeFileSync(kubeconfig, JSON.stringify(content));
    const terminal = fakeTerminal({ cwd: tempFolder(), ...more });
    terminals.push(terminal);
    return findPlatform({ kubeconfig, ...choice }, terminal);
  };
  const fails = (found: Promise<unknown>, code: string, words: RegExp) =>
    assert.rejects(found, (error: unknown) => {
      assert.ok(error instanceof CommandError, String(error));
      assert.equal(error.code, code);
      assert.match(`${error.message} ${error.hint}`, words);
      return true;
    });

  it('leads to a pod of the Service, with the token and the namespace of the kubeconfig', async () => {
    const { admin, token, namespace } = await find();
    assert.match(admin, /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.deepEqual([token, namespace], ['token-of-ann', 'shop']);
    assert.deepEqual(
      asked.map(({ path, token: shown }) => [path, shown]),
      ['services', 'pods'].map(kind => [`/api/v1/namespaces/tenfold-system/${kind}`, 'Bearer token-of-ann']),
    );
  });

  it('leads to the namespace that is named, by an option or a variable', async () => {
    await find({ platformNamespace: 'elsewhere' });
    await find({}, { env: { TENFOLD_PLATFORM_NAMESPACE: 'by-variable' } });
    const namespaces = asked.map(({ path }) => path.split('/')[4]);
    assert.deepEqual(namespaces, ['elsewhere', 'elsewhere', 'by-variable', 'by-variable']);
  });

  it('asks for a token of a ServiceAccount for the platform alone', async () => {
    const { token } = await find({ serviceAccount: 'shop/ci' });
    assert.equal(token, 'token-for-the-platform');
    assert.equal(asked[0]?.path, '/api/v1/namespaces/shop/serviceaccounts/ci/token');
    assert.deepEqual(asked[0]?.body, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: {
        audiences: ['tenfold.dev/admin/tenfold-system'],
        expirationSeconds: 600,
      },
    });
    assert.equal((await find({ token: 'another' }, {}, {})).token, 'another');
    await fails(find({}, {}, {}), 'cluster-refused', /has no token, and a certificate tells .* --service-account/);
    await fails(find({ serviceAccount: 'ci' }), 'usage', /no ServiceAccount, such as shop\/ci/);
  });

  it('leads again by the context that was found, after another one is made the current one', async () => {
    const kubeconfig = join(tempFolder(), 'switched');
    const write = (current: string) =>
      writeFileSync(
        kubeconfig,
        JSON.stringify({
          'current-context': current,
          contexts: ['staging', 'prod'].map(name => ({ name, context: { cluster: name, user: name } })),
          clusters: ['staging', 'prod'].map(name => ({ name, cluster: { server: server.origin } })),
          users: ['staging', 'prod'].map(name => ({ name, user: { token: `token-for-${name}` } })),
        }),
      );
    write('staging');
    const terminal = fakeTerminal({ cwd: tempFolder() });
    terminals.push(terminal);
    const connect = createConnector({ kubeconfig }, terminal);
    const first = await connect();
    write('prod');
    const again = await first.findAgain?.();
    const third = await connect();
    assert.deepEqual(
      [first, again, third].map(way => way?.token),
      Array(3).fill('token-for-staging'),
    );
    // One way is open at a time.
    for (const former of [first, again]) await assert.rejects(fetch(former?.admin ?? ''), /fetch failed/);
    assert.equal(terminal.closers.length, 1);
  });

  it('is said to be missing where no platform is, or none runs, or there are two', async () => {
    answers['pods'] = { items: [pod('ends', { metadata: { name: 'ends', deletionTimestamp: 'now' } })] };
    await fails(find(), 'no-platform', /No pod of the platform runs in namespace "tenfold-system".*kubectl get pods/);
    answers['services'] = { items: [service('one-admin'), service('two-admin')] };
    await fails(find(), 'no-platform', /several platforms in namespace "tenfold-system": one-admin, two-admin/);
    answers['services'] = { items: [] };
    await fails(find(), 'no-platform', /no platform in namespace "tenfold-system".*--platform-namespace/);
    delete answers['services'];
    await fails(find(), 'cluster-refused', /forbidden/);
  });

  it('is taken by the program that kubectl finds as its plugin', async () => {
    const plugin = join(tempFolder(), 'kubectl-tenfold');
    symlinkSync(fileURLToPath(new URL('../../../cli/main.ts', import.meta.url)), plugin);
    const run = { cwd: tempFolder(), env: { KUBECONFIG: join(tempFolder(), 'nowhere') } };
    assert.match((await runCli(['get', 'functions'], { ...run, main: plugin })).stderr, /kubeconfig .*nowhere cannot/);
    assert.match((await runCli(['get', 'functions'], run)).stderr, /No application runs in/);
  });

  it('is taken by kubectl tenfold where nothing else is named, and by tenfold where the cluster is', async () => {
    const kubeconfig = undefined;
    await fails(find({ kubeconfig }), 'no-platform', /No application runs in/);
    const away = { KUBECONFIG: join(tempFolder(), 'nowhere') };
    await fails(find({ kubeconfig }, { isPlugin: true, env: away }), 'no-cluster', /nowhere cannot be read/);
    const named = { kubeconfig, admin: 'http://127.0.0.1:1', token: 'x' };
    assert.equal((await find(named, { isPlugin: true, env: away })).admin, 'http://127.0.0.1:1');
    const variables = { TENFOLD_ADMIN_URL: 'http://127.0.0.1:2', TENFOLD_ADMIN_TOKEN: 'y' };
    assert.equal((await find({ kubeconfig }, { isPlugin: true, env: variables })).admin, 'http://127.0.0.1:2');
    assert.notEqual((await find({}, { env: variables })).admin, 'http://127.0.0.1:2');
  });
});
