// `tenfold cache` against an admin server: what is shown, and what is purged.
import assert from 'node:assert/strict';
import { noPolicies, type PurgeQuery, type RouteCacheView } from '../../../admin/policy-view.ts';
import { type AnnouncedAdmin, announceAdmin } from '../../fakes/admin-server.ts';
import { fakeView } from '../../fakes/platform-view.ts';
import { runCli } from '../run-cli.ts';
import { removeTempFolders, tempFolder } from '../temp-folder.ts';

const route: RouteCacheView = {
  kind: 'Api',
  namespace: 'default',
  name: 'shop',
  route: '/shop/menu/:id',
  target: '',
  hits: 90,
  stale: 3,
  staleOnError: 2,
  misses: 10,
  collapsed: 5,
  bypassed: 7,
  stored: 8,
  refreshes: 1,
};

describe('cache', () => {
  let admin: AnnouncedAdmin;
  let folder: string;
  let purged: PurgeQuery[];
  let routes: RouteCacheView[] = [route];
  beforeEach(async () => {
    folder = tempFolder();
    purged = [];
    routes = [route];
    const policies = {
      ...noPolicies,
      cache: () => ({ answers: 8, bytes: 3 * 2 ** 20, routes }),
      purge: async (query: PurgeQuery) => purged.push({ ...query }),
    };
    admin = await announceAdmin(fakeView({ policies }), folder);
  });
  afterEach(() => {
    admin.close();
    removeTempFolders();
  });
  const run = (...words: string[]) => runCli(['cache', ...words], { cwd: folder });

  it('shows what the cache of each route has done', async () => {
    const { code, stdout } = await run('show');
    assert.equal(code, 0);
    assert.deepEqual(
      stdout.split('\n').map(line => line.replace(/ +/g, ' ')),
      [
        'API ROUTE HITS STALE MISSES WAITED BYPASSED RATIO',
        'shop /shop/menu/:id 90 5 10 5 7 93%',
        '8 answers, 3.0 MiB',
        '',
      ],
    );
  });

  it('says so when no route has one', async () => {
    routes = [];
    assert.match((await run('show')).stdout, /No route declares a cache/);
  });

  it('shows the same as data', async () => {
    assert.deepEqual(JSON.parse((await run('show', '-o', 'json')).stdout).routes, [route]);
  });

  const rows: Record<string, [string[], PurgeQuery]> = {
    'a path': [['--path', '/shop/menu'], { path: '/shop/menu' }],
    'a prefix': [['--prefix', '/shop/'], { prefix: '/shop/' }],
    'a tag': [['--tag', 'menu'], { tag: 'menu' }],
    'a route of an Api': [
      ['-n', 'default', '--api', 'shop', '--route', '/shop/menu/:id'],
      { namespace: 'default', api: 'shop', route: '/shop/menu/:id' },
    ],
    everything: [['--all'], {}],
  };
  for (const [name, [words, query]] of Object.entries(rows)) {
    it(`purges ${name}`, async () => {
      const { code, stdout, stderr } = await run('purge', ...words);
      assert.deepEqual([code, stdout, stderr], [0, '1 answer purged.\n', '']);
      assert.deepEqual(purged, [query]);
    });
  }

  it('does not purge everything by mistake', async () => {
    const { code, stderr } = await run('purge');
    assert.equal(code, 2);
    assert.match(stderr, /It is not said what to purge\.\nNext: name a --path/);
    assert.deepEqual(purged, []);
  });

  it('knows no other action', async () => assert.equal((await run('clear')).code, 2));
});
