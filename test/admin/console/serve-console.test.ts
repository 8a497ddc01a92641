// The Console at the admin port, over real HTTP: its files and how they are cached, and the way in.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Authenticator } from '../../../admin/access/authenticator.ts';
import { createCaller } from '../../../admin/access/caller.ts';
import type { CallerRights } from '../../../admin/access/scope.ts';
import { createAdminServer } from '../../../admin/admin-server.ts';
import type { AuditEntry } from '../../../admin/audit-view.ts';
import { createConsole } from '../../../admin/console/create-console.ts';
import { SignInCodes } from '../../../admin/console/sign-in-codes.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { fakeResource, fakeView } from '../../fakes/platform-view.ts';

const TOKEN = 'the-admin-token';
const codes = new SignInCodes(() => Date.now());
const viewer: Authenticator = {
  takes: 'a token',
  identify: ({ token }) =>
    token === 'of-ci' ? createCaller('token ci', [{ role: 'viewer', namespaces: ['shop'] }]) : undefined,
};

const signedIn: AuditEntry[] = [];
const audit = { happened: (entry: AuditEntry) => void signedIn.push(entry) };
let minutes = 0;
const now = () => Date.now() + minutes * 60_000;

const consoleOf = (folder: string, authenticators: readonly Authenticator[] = []) =>
  createConsole({ folder, codes, adminToken: TOKEN, authenticators, allowedHosts: [], audit, now });

describe('the Console at the admin port', () => {
  let server: Server;
  let origin: string;
  before(async () => {
    const folder = tempFolder({
      'index.html': '<p>The page</p>',
      'assets/console-ABCD1234.js': 'shown()',
      'assets/console-ABCD1234.js.gz': 'compressed',
      'assets/icon.svg': '<svg/>',
      'assets/secret.txt': 'none of ours',
    });
    const view = fakeView({ resources: [fakeResource('Topic', 'orders', { namespace: 'shop' })] });
    const console = consoleOf(folder, [viewer]);
    server = createAdminServer(view, { token: TOKEN, authenticators: [viewer], console });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.close();
    removeTempFolders();
  });
  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(origin + path, { headers, redirect: 'manual' });
  const signIn = (body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${origin}/console/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const callerBy = async (answer: Response): Promise<CallerRights> => {
    const { proof } = (await answer.json()) as { proof: string };
    const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
    return (await (await get('/api/caller', { cookie, 'x-tenfold-session': proof })).json()) as CallerRights;
  };

  it('answers each of its addresses with the page, under a strict policy', async () => {
    for (const path of ['/console/', '/console/failures?kind=Queue', '/console/resources/Topic/shop/orders']) {
      const answer = await get(path);
      assert.deepEqual([answer.status, await answer.text()], [200, '<p>The page</p>']);
      assert.equal(answer.headers.get('cache-control'), 'no-cache');
      const policy = answer.headers.get('content-security-policy') ?? '';
      assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self'/);
      assert.doesNotMatch(policy, /unsafe|https?:|\*/);
      assert.match(policy, /frame-ancestors 'none'/);
    }
  });

  it('writes into the audit log who signed in, and that somebody could not', async () => {
    signedIn.splice(0);
    const client = { 'user-agent': 'a browser' };
    await signIn({ token: 'of-ci' }, client);
    await signIn({ code: codes.make() }, client);
    await signIn({ token: 'of-nobody' }, client);
    const said = signedIn.map(({ action, by, outcome, status, client: words, asked }) => ({
      ...{ action, by, outcome, status, words, asked },
    }));
    const here = { action: 'POST /console/session', words: 'a browser' };
    assert.deepEqual(said, [
      { ...here, by: 'token ci', outcome: 'done', status: 201, asked: { way: 'token' } },
      { ...here, by: 'admin token', outcome: 'done', status: 201, asked: { way: 'code' } },
      { ...here, by: 'nobody', outcome: 'refused', status: 401, asked: undefined },
    ]);
    assert.ok(!JSON.stringify(signedIn).includes('of-'), 'no token is in it');
  });

  it('writes at most 20 refused sign-ins a minute, and then how many more there were', async () => {
    signedIn.splice(0);
    minutes += 1;
    for (let tries = 0; tries < 25; tries++) await signIn({ token: 'of-nobody' });
    assert.equal(signedIn.length, 20);
    await signIn({ token: TOKEN });
    assert.deepEqual([signedIn[20]?.outcome, signedIn[20]?.untold], ['done', 5]);
    await signIn({ token: 'of-nobody' });
    assert.equal(signedIn.length, 21);
    minutes += 1;
    await signIn({ token: 'of-nobody' });
    assert.deepEqual([signedIn[21]?.outcome, signedIn[21]?.untold], ['refused', 1]);
  });

  it('writes at most 100 refused sign-ins a day, and then one an hour with how many others there were', async () => {
    signedIn.splice(0);
    minutes += 24 * 60;
    for (let minute = 0; minute < 8; minute++, minutes++)
      for (let tries = 0; tries < 21; tries++) await signIn({ token: 'of-nobody' }, { 'user-agent': 'x'.repeat(300) });
    assert.equal(signedIn.length, 100);
    assert.ok(signedIn.every(({ client }) => client?.length === 60));
    const told = () => signedIn.reduce((sum, { untold = 0 }) => sum + 1 + untold, 0);
    for (let hour = 1; hour <= 3; hour++) {
      minutes += 60;
      for (let tries = 0; tries < 4; tries++) await signIn({ token: 'of-nobody' });
      assert.deepEqual([signedIn.length, told()], [100 + hour, 8 * 21 + 4 * hour - 3]);
    }
    minutes += 24 * 60;
    for (let tries = 0; tries < 4; tries++) await signIn({ token: 'of-nobody' });
    assert.equal(signedIn.length, 107);
  });

  it('leads browsers there from the root, and nobody else', async () => {
    const browser = await get('/', { accept: 'text/html,*/*' });
    assert.deepEqual([browser.status, browser.headers.get('location')], [302, '/console/']);
    assert.equal((await get('/', { accept: 'application/json' })).status, 404);
  });

  it('lets browsers ask again for an asset whose name does not change with its content', async () => {
    assert.equal((await get('/console/assets/icon.svg')).headers.get('cache-control'), 'public, max-age=3600');
  });

  it('gives assets for ever, compressed where that is asked for, and nothing else of the folder', async () => {
    const plain = await get('/console/assets/console-ABCD1234.js', { 'accept-encoding': 'identity' });
    assert.equal(await plain.text(), 'shown()');
    assert.equal(plain.headers.get('cache-control'), 'public, max-age=31536000, immutable');
    assert.match(plain.headers.get('content-type') ?? '', /^text\/javascript/);
    const asked = await fetch(`${origin}/console/assets/console-ABCD1234.js`, {
      method: 'HEAD',
      headers: { 'accept-encoding': 'gzip' },
    });
    assert.deepEqual([asked.headers.get('content-encoding'), asked.headers.get('content-length')], ['gzip', '10']);
    for (const name of ['other.js', 'secret.txt', 'console-ABCD1234.js.gz'])
      assert.equal((await get(`/console/assets/${name}`)).status, 404, name);
  });

  it('lets in by a token or by a code, with the rights of who it is', async () => {
    const admin = await callerBy(await signIn({ code: codes.make() }));
    assert.deepEqual([admin.name, admin.everywhere], ['admin token', ['view', 'operate', 'administer']]);
    assert.deepEqual(await callerBy(await signIn({ token: 'of-ci' })), {
      name: 'token ci',
      everywhere: [],
      namespaces: [{ namespace: 'shop', may: ['view'] }],
    });
  });

  for (const [what, body, status] of [
    ['a wrong token', { token: 'wrong' }, 401],
    ['a code that nobody made', { code: 'guessed' }, 401],
    ['both', { token: TOKEN, code: 'guessed' }, 400],
    ['neither', {}, 400],
  ] as const)
    it(`refuses ${what}`, async () => {
      const answer = await signIn(body);
      assert.deepEqual([answer.status, answer.headers.get('set-cookie')], [status, null]);
    });

  it('takes no sign-in of a page of another origin', async () => {
    assert.equal((await signIn({ token: TOKEN }, { origin: 'https://evil.example' })).status, 403);
  });

  it('forgets a session when it is asked to', async () => {
    const answer = await fetch(`${origin}/console/session`, { method: 'DELETE' });
    assert.equal(answer.status, 204);
    assert.match(answer.headers.get('set-cookie') ?? '', /^tenfold_console_\d+=; Path=\/; Max-Age=0;/);
  });

  it('says how it is made where it was not', async () => {
    const folder = tempFolder();
    const other = createAdminServer(fakeView(), { token: TOKEN, console: consoleOf(folder) });
    await once(other.listen(0, '127.0.0.1'), 'listening');
    const answer = await fetch(`http://127.0.0.1:${(other.address() as AddressInfo).port}/console/`);
    other.close();
    assert.equal(answer.status, 404);
    assert.match(await answer.text(), /make build/);
  });
});
