// Calling a Function by the admin API, and its lines, at a whole platform.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { FunctionAnswer, FunctionLines } from '../../../admin/asking/ask-view.ts';
import type { AuditEntry } from '../../../admin/audit-view.ts';
import type { Page } from '../../../admin/page.ts';
import { type Platform, startPlatform } from '../../../server/platform.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';

const KEY = 'the-key-of-a-partner';
const FILES = {
  'app.yaml': `apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: desk }
spec: { source: ./desk.ts }
---
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: elsewhere }
spec: { url: 'http://127.0.0.1:9' }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: office }
spec:
  auth: { apiKey: { secret: partners } }
  routes:
    - { match: { path: /letters/:id }, to: { function: desk } }
    - { match: { method: GET, path: /bytes }, to: { function: desk } }
    - { match: { method: GET, path: /much }, to: { function: desk } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: lost-and-found }
spec:
  hosts: [lost.example.com]
  routes:
    - { match: { path: /lost }, to: { function: desk } }
`,
  '.tenfold/secrets/default/partners.json': JSON.stringify({ ada: createHash('sha256').update(KEY).digest('hex') }),
  'desk.ts': `import { http } from 'tenfold';

export default http({
  'POST /letters/:id': async (request, { logger }) => {
    logger.info('a letter came in', { id: request.params.id });
    return { id: request.params.id, by: request.query.by, from: request.headers['x-from'], text: await request.text() };
  },
  'GET /lost': () => {
    throw new RangeError('the drawer is empty');
  },
  'GET /bytes': () => Buffer.from([0, 255]),
  'GET /much': () => 'x'.repeat(2_000_000),
});
`,
};

describe('a Function that a person calls', () => {
  let platform: Platform;
  before(async () => {
    const directory = tempFolder(FILES);
    const ports = { public: 0, internal: 0, admin: 0 };
    platform = await startPlatform({ directory, watch: false, host: '127.0.0.1', ports, events: {} });
    await eventually(() => platform.view.readiness().ready, 'the platform is ready');
  });
  after(async () => {
    await platform.close(1000);
    removeTempFolders();
  });
  const ask = async <T>(path: string, body?: unknown) => {
    const answer = await fetch(`${platform.addresses.admin}/api/${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${platform.adminToken}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: (await answer.json()) as T & { readonly detail: string } };
  };
  const invoke = (body: object, name = 'desk') => ask<FunctionAnswer>(`functions/default/${name}/invoke`, body);
  const letter = {
    method: 'POST',
    path: '/letters/7?by=hand',
    headers: [
      ['x-from', 'a reader'],
      ['authorization', 'Bearer of-a-customer'],
      ['content-type', 'text/plain'],
    ],
    body: { text: 'dear editor' },
  };

  const request = (body: object, name = 'office') => ask<FunctionAnswer>(`apis/default/${name}/request`, body);

  it('is reached through an Api, whose auth holds for the person, too', async () => {
    const nobody = await request(letter);
    assert.equal(nobody.status, 200, nobody.body.detail);
    assert.equal(nobody.body.status, 401);
    const headers = [...letter.headers.filter(([name]) => name !== 'authorization'), ['x-api-key', KEY]];
    const { body } = await request({ ...letter, headers });
    assert.equal(body.status, 200);
    assert.ok('text' in body.body);
    assert.deepEqual(JSON.parse(body.body.text), { id: '7', by: 'hand', from: 'a reader', text: 'dear editor' });
    assert.match(body.trace, /^[0-9a-f]{32}$/);
    assert.ok(body.headers.some(([name]) => name.toLowerCase() === 'content-type'));
    const key = [['x-api-key', KEY]];
    const bytes = await request({ method: 'GET', path: '/bytes', headers: key });
    assert.deepEqual(bytes.body.body, { base64: Buffer.from([0, 255]).toString('base64') });
    const much = await request({ method: 'GET', path: '/much', headers: key });
    assert.equal(much.status, 502);
    assert.match(much.body.detail, /has more than 1048576 bytes/);
    const { body: audit } = await ask<Page<AuditEntry>>('audit?action=request');
    assert.ok(audit.items.length > 0);
    assert.doesNotMatch(JSON.stringify(audit), new RegExp(KEY));
  });

  it('is not reached through an Api whose routes do not take the request', async () => {
    const found = await request({ method: 'GET', path: '/lost' }, 'lost-and-found');
    assert.deepEqual([found.status, found.body.status], [200, 500]);
    const foreign = await request({ method: 'GET', path: '/lost' });
    assert.equal(foreign.status, 404);
    assert.match(foreign.body.detail, /^No route of Api "office" takes GET \/lost\./);
    assert.equal((await request({ method: 'GET', path: '/' }, 'nowhere')).status, 404);
    const host = await request({ method: 'GET', path: '/lost', headers: [['host', 'lost.example.com']] });
    assert.equal(host.status, 400);
  });

  it('gets the request as it was written, and the person gets the answer', async () => {
    const { status, body } = await invoke(letter);
    assert.equal(status, 200, body.detail);
    assert.ok('text' in body.body);
    assert.deepEqual(JSON.parse(body.body.text), { id: '7', by: 'hand', from: 'a reader', text: 'dear editor' });
    assert.deepEqual([body.status, body.cause], [200, undefined]);
    assert.match(body.trace, /^[0-9a-f]{32}$/);
    assert.ok(body.headers.some(([name, value]) => name.toLowerCase() === 'content-type' && /json/.test(value)));
    assert.ok(!body.headers.some(([name]) => name.toLowerCase().startsWith('tenfold-')));
  });

  it('says why it failed to whoever operates it', async () => {
    const { body } = await invoke({ method: 'GET', path: '/lost' });
    assert.equal(body.status, 500);
    assert.deepEqual([body.cause?.name, body.cause?.message], ['RangeError', 'the drawer is empty']);
    const { body: none } = await invoke({ method: 'GET', path: '/nowhere' });
    assert.deepEqual([none.status, none.cause], [404, undefined]);
  });

  it('answers with bytes, too', async () => {
    const { body } = await invoke({ method: 'GET', path: '/bytes' });
    assert.deepEqual([body.body, body.bytes], [{ base64: 'AP8=' }, 2]);
  });

  for (const [title, body, status, words] of [
    ['a path that is none', { method: 'GET', path: 'letters' }, 400, /A path begins with/],
    ['a method that is none', { method: 'BREW' }, 400, /method/],
    ['a header that the platform sets', { method: 'GET', headers: [['Tenfold_Key', 'x']] }, 400, /by itself/],
    ['a header with a line break', { method: 'GET', headers: [['x', 'a\nb: c']] }, 400, /no such value/],
    ['a longer wait than there may be', { method: 'GET', timeoutMs: 60_001 }, 400, /timeoutMs/],
    ['an answer that is too large', { method: 'GET', path: '/much' }, 502, /larger than 1048576 bytes/],
  ] as const)
    it(`is refused with ${title}`, async () => {
      const answer = await invoke(body);
      assert.equal(answer.status, status, answer.body.detail);
      assert.match(answer.body.detail, words);
    });

  it('is in the audit log, without the values of headers and body', async () => {
    await invoke({ ...letter, path: '/letters/audited' });
    const find = async () => {
      const { body } = await ask<Page<AuditEntry>>('audit?namespace=default');
      return body.items.find(({ asked }) => JSON.stringify(asked ?? {}).includes('/letters/audited'));
    };
    await eventually(async () => (await find()) !== undefined, 'it is in the audit log');
    const entry = await find();
    assert.deepEqual([entry?.action, entry?.outcome], ['POST /api/functions/default/desk/invoke', 'done']);
    const { method, path, body } = letter;
    const sizes = {
      headers: `${JSON.stringify(letter.headers).length} bytes`,
      body: { text: `${body.text.length} bytes` },
    };
    assert.deepEqual(entry?.asked, { method, path: path.replace('7?by=hand', 'audited'), ...sizes });
  });

  it('has its lines, which are searched', async () => {
    await invoke({ ...letter, path: '/letters/written' });
    const lines = async (query: string) => (await ask<FunctionLines>(`functions/default/desk/lines${query}`)).body;
    await eventually(async () => (await lines('?text=written')).items.length === 1, 'the line is kept');
    const { kept, items } = await lines('?text=written');
    assert.deepEqual([kept, JSON.parse(items[0]?.text ?? '').message], [true, 'a letter came in']);
    assert.deepEqual((await lines('?text=nothing-has-this')).items, []);
    const { body } = await ask<FunctionLines>('functions/default/elsewhere/lines');
    assert.deepEqual([body.kept, body.items], [false, []]);
  });

  for (const path of ['functions/default/nobody/lines', 'functions/default/nobody/invoke'])
    it(`is not there: ${path}`, async () => {
      const { status, body } = await ask(path, path.endsWith('invoke') ? { method: 'GET' } : undefined);
      assert.equal(status, 404);
      assert.match(body.detail, /no function "nobody"/);
    });
});
