// The endpoints of routes over the real admin server.
import assert from 'node:assert/strict';
import type { ExplainRequest, RouteExplanation } from '../../admin/explain-view.ts';
import { removeTempFolders, tempFolder } from '../cli/temp-folder.ts';
import { type AnnouncedAdmin, announceAdmin } from '../fakes/admin-server.ts';
import { fakeView } from '../fakes/platform-view.ts';

const explanation: RouteExplanation = {
  request: { method: 'GET', host: 'a', path: '/a', query: '' },
  candidates: [],
  refusal: { status: 404, code: 'not-found', message: 'No route matches /a.' },
};

describe('the admin API of routes', () => {
  let admin: AnnouncedAdmin;
  let asked: ExplainRequest[] = [];
  before(async () => {
    const explain = (request: ExplainRequest) => {
      asked.push(request);
      return explanation;
    };
    admin = await announceAdmin(fakeView({ explain }), tempFolder());
  });
  beforeEach(() => {
    asked = [];
  });
  after(() => {
    admin.close();
    removeTempFolders();
  });
  const ask = (body: unknown, { method = 'POST', token = admin.token, path = '/routes/explain' } = {}) =>
    fetch(`${admin.url}/api${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(method === 'GET' ? {} : { body: JSON.stringify(body) }),
    });

  it('explains a request with all that it says', async () => {
    const request = { method: 'GET', path: '/a?b=1', host: 'a', headers: [['x-a', '1']], consumer: 'acme' };
    const answer = await ask(request);
    assert.deepEqual([answer.status, await answer.json()], [200, explanation]);
    assert.deepEqual(asked, [request]);
  });

  it('wants no more than a method and a path', async () => {
    assert.equal((await ask({ method: 'GET', path: '/a' })).status, 200);
    assert.deepEqual(asked, [{ method: 'GET', path: '/a', headers: [] }]);
  });

  const wrong: Record<string, [unknown, RegExp]> = {
    'no method': [{ path: '/a' }, /method: This must be a method/],
    'a method with a space': [{ method: 'GET /', path: '/a' }, /method: This must be a method/],
    'a path that is an address': [{ method: 'GET', path: 'http://a/' }, /path: A path begins with/],
    'a header that ends its line': [{ method: 'GET', path: '/a', headers: [['a', 'b\r\nc: d']] }, /line ends/],
    'a header whose name is none': [{ method: 'GET', path: '/a', headers: [['a b', 'c']] }, /name of a header/],
    'a member that is not known': [{ method: 'GET', path: '/a', paht: '/b' }, /paht/],
    'no object': [[], /The body is not valid here/],
  };
  for (const [name, [body, detail]] of Object.entries(wrong)) {
    it(`refuses ${name}`, async () => {
      const answer = await ask(body);
      assert.equal(answer.status, 400);
      assert.match(((await answer.json()) as { detail: string }).detail, detail);
      assert.deepEqual(asked, []);
    });
  }

  it('takes POST only, and a token', async () => {
    const read = await ask(undefined, { method: 'GET' });
    assert.deepEqual([read.status, read.headers.get('allow')], [405, 'POST']);
    assert.equal((await ask({ method: 'GET', path: '/a' }, { token: 'wrong' })).status, 401);
    assert.equal((await ask({}, { path: '/routes' })).status, 405);
    assert.deepEqual(asked, []);
  });
});
