// `tenfold routes` against an admin server: the list, what is asked about a request,
// and how the answer is told.
import assert from 'node:assert/strict';
import type { ExplainedRoute, ExplainRequest, RouteExplanation } from '../../../admin/explain-view.ts';
import type { RouteView } from '../../../admin/route-view.ts';
import { showExplanation } from '../../../cli/routes/explain.ts';
import { type AnnouncedAdmin, announceAdmin } from '../../fakes/admin-server.ts';
import { fakeTerminal } from '../../fakes/fake-terminal.ts';
import { fakeView } from '../../fakes/platform-view.ts';
import { assertGolden } from '../golden.ts';
import { runCli } from '../run-cli.ts';
import { removeTempFolders, tempFolder } from '../temp-folder.ts';

const route = (path: string, more: Partial<RouteView> = {}): RouteView => ({
  kind: 'Api',
  namespace: 'default',
  name: 'shop',
  methods: ['GET'],
  host: undefined,
  path,
  conditions: [],
  target: 'function orders',
  listeners: ['public'],
  ...more,
});

const all = [
  route('/shop/*', { methods: [], target: 'url https://legacy.example' }),
  route('/shop/orders/:id'),
  route('/shop/orders/new', { methods: ['GET', 'POST'] }),
  route('/shop/orders/:id', {
    conditions: ['header x-client is "mobile"', 'consumer is acme'],
    target: 'url x\u001b[31m',
  }),
  route('/shop/menu', { host: 'shop.example', target: 'function menu' }),
  route('/shop', { host: '*.example' }),
];

const explained = (path: string, more: Partial<ExplainedRoute>): ExplainedRoute => ({
  ...route(path),
  verdict: 'passed-over',
  checks: [],
  params: {},
  ...more,
});

const mobile = [
  { says: 'header x-client is "mobile"', holds: true },
  { says: 'query beta is "1"', holds: false },
];
const taken: RouteExplanation = {
  request: { method: 'GET', host: 'shop.example', path: '/shop/orders/17', query: '?beta=2' },
  candidates: [
    explained('/shop/orders/:id', { host: 'shop.example', checks: mobile, params: { id: '17' } }),
    explained('/shop/orders/:id', { verdict: 'takes', behind: 'host', params: { id: '17', odd: 'a\u001b[2J' } }),
    explained('/shop/*', { verdict: 'not-reached', behind: 'path', methods: [], params: { '*': 'orders/17' } }),
  ],
};
const refused: RouteExplanation = {
  request: { method: 'PUT', host: 'shop.example', path: '/shop/orders/17', query: '' },
  candidates: [explained('/shop/orders/:id', { checks: mobile })],
  refusal: { status: 405, code: 'method-not-allowed', message: 'It takes GET, not PUT.', allowed: ['GET'] },
};

describe('routes', () => {
  let admin: AnnouncedAdmin;
  let folder: string;
  let asked: ExplainRequest[];
  let routes: RouteView[];
  let answer: RouteExplanation;
  beforeEach(async () => {
    folder = tempFolder();
    asked = [];
    routes = all;
    answer = taken;
    const explain = (request: ExplainRequest) => {
      asked.push(request);
      return answer;
    };
    admin = await announceAdmin(fakeView({ routes: () => routes, explain }), folder);
  });
  afterEach(() => {
    admin.close();
    removeTempFolders();
  });
  const run = (...words: string[]) => runCli(['routes', ...words], { cwd: folder });

  it('lists them as they are tried, with hosts and conditions', async () => {
    const { code, stdout, stderr } = await run();
    assert.deepEqual([code, stderr], [0, '']);
    assertGolden('routes/all.txt', stdout);
  });

  it('leaves out columns that would tell nothing', async () => {
    routes = [route('/shop/orders')];
    assertGolden('routes/plain.txt', (await run()).stdout);
  });

  it('lists those of one namespace, or says that there are none', async () => {
    routes = [route('/a'), route('/b', { namespace: 'other' })];
    assert.match((await run()).stdout, /^METHOD +PATH +NAMESPACE +FROM +TARGET\n/);
    assert.doesNotMatch((await run('-n', 'other')).stdout, /\/a/);
    assert.deepEqual(await run('-n', 'nope'), { code: 0, stdout: '', stderr: 'No routes.\n' });
  });

  it('lists the same as data', async () => {
    const { items } = JSON.parse((await run('-o', 'json')).stdout);
    assert.equal(items.length, all.length);
    assert.equal(items.at(-1).path, '/shop/*');
  });

  it('explains why a route takes a request', async () => {
    const { code, stdout, stderr } = await run('explain', 'GET', '/shop/orders/17');
    assert.deepEqual([code, stderr], [0, '']);
    assertGolden('routes/explained.txt', stdout);
  });

  it('says that routes of other namespaces are left out, and that one of them takes the request', () => {
    const candidates = [explained('/shop/*', { verdict: 'not-reached', behind: 'path' })];
    const out = fakeTerminal().out;
    const text = showExplanation({ ...taken, candidates, hidden: { routes: 2, take: true } }, 'table', out);
    assert.match(text, /Not reached: another route takes the request\./);
    assert.match(text, /Left out: 2 routes of namespaces that you may not view, and one of them takes the request\.$/);
    const none = showExplanation({ ...taken, candidates: [], hidden: { routes: 1, take: false } }, 'table', out);
    assert.match(none, /Left out: 1 route of namespaces that you may not view\.$/);
  });

  it('explains why none does, and ends with 3', async () => {
    answer = refused;
    const { code, stdout } = await run('explain', 'PUT', '/shop/orders/17');
    assert.equal(code, 3);
    assertGolden('routes/refused.txt', stdout);
    const data = await run('explain', 'PUT', '/shop/orders/17', '-o', 'json');
    assert.deepEqual([data.code, JSON.parse(data.stdout).refusal], [3, refused.refusal]);
  });

  it('asks about the request that the options make', async () => {
    const words = 'explain get orders/17?full=1 --host shop.example -H X-Client:mobile --header'.split(' ');
    const more = [
      'Accept: a/b;version=v2',
      '-q',
      'beta=a b',
      '--cookie',
      'sid=7',
      '--cookie',
      'x=',
      '--consumer',
      'acme',
    ];
    assert.equal((await run(...words, ...more)).code, 0);
    assert.deepEqual(asked, [
      {
        method: 'GET',
        path: '/orders/17?full=1&beta=a%20b',
        host: 'shop.example',
        headers: [
          ['X-Client', 'mobile'],
          ['Accept', 'a/b;version=v2'],
          ['cookie', 'sid=7; x='],
        ],
        consumer: 'acme',
      },
    ]);
  });

  const mistakes: { words: string[]; code: number; says: RegExp }[] = [
    { words: ['explain'], code: 2, says: /not said which request.*\nNext: name its method and its path/ },
    { words: ['explain', 'GET'], code: 2, says: /not said which request/ },
    { words: ['explian', 'GET', '/a'], code: 2, says: /Allowed choices are explain/ },
    { words: ['explain', 'GET', '/a', '-H', 'nope'], code: 2, says: /"nope" is no header such as/ },
    { words: ['explain', 'GET', '/a', '-q', 'nope'], code: 2, says: /"nope" is no query parameter such as/ },
    { words: ['explain', 'GET', '/a', '--cookie', '=x'], code: 2, says: /"=x" is no cookie such as sid=7/ },
    { words: ['explain', 'GET', '/a b'], code: 2, says: /visible ASCII only/ },
    { words: ['explain', 'G T', '/a'], code: 4, says: /method: This must be a method/ },
  ];
  for (const { words, code, says } of mistakes) {
    it(`${words.join(' ')}: ${code}`, async () => {
      const result = await run(...words);
      assert.deepEqual([result.code, result.stdout], [code, '']);
      assert.match(result.stderr, says);
      assert.deepEqual(asked, []);
    });
  }
});
