// SQL over a whole platform: what was published is found by questions, in files and in none
// yet, and nothing else is.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { FailedLine } from '../../../admin/api.ts';
import type { SqlAnswer, SqlTableReport } from '../../../admin/sql-view.ts';
import { type Platform, startPlatform } from '../../../server/platform.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';

const APP = `apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: clicks }
spec: { partitions: 2, key: "\${event.data.page}" }
---
apiVersion: tenfold.dev/v1alpha1
kind: Pipeline
metadata: { name: page-clicks }
spec:
  from: { topic: clicks, start: earliest }
  steps:
    - filter: "\${!has(event.data.bot)}"
  to:
    - archive: { roll: { every: 1s } }
    - archive: { format: jsonl, compression: zstd, partitionBy: hour, prefix: lines, roll: { every: 1s } }
    - archive: { prefix: later, roll: { every: 1d }, folders: { page: "\${event.data.page}", bot: "\${event.data.bot}" } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: counted }
spec: {}
---
apiVersion: tenfold.dev/v1alpha1
kind: Pipeline
metadata: { name: counting }
spec:
  from: { topic: clicks, start: earliest }
  steps:
    - window:
        tumbling: 31d
        by: "\${event.data.page}"
        aggregate: { clicks: count(), most: max(event.data.n), mean: avg(event.data.n), pages: distinct(event.data.page), p90: "percentile(event.data.n, 90)" }
  to: [{ topic: counted }]
---
apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: orders }
spec: {}
---
apiVersion: tenfold.dev/v1alpha1
kind: Pipeline
metadata: { name: orders }
spec: { from: { topic: orders, start: earliest }, to: [{ archive: { roll: { every: 1d } } }] }
---
apiVersion: tenfold.dev/v1alpha1
kind: View
metadata: { name: last-clicks }
spec: { from: [clicks], table: { key: "\${event.data.page}" } }
---
apiVersion: tenfold.dev/v1alpha1
kind: View
metadata: { name: per-page }
spec: { from: [clicks], aggregate: { by: "\${event.data.page}", values: { clicks: count() } } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec: { routes: [{ match: { method: POST, path: /clicks }, to: { topic: clicks } }, { match: { method: POST, path: /orders }, to: { topic: orders } }] }
`;

type Line = SqlAnswer | FailedLine;

let platform: Platform;

const api = (path: string, init: RequestInit = {}) =>
  fetch(`${platform.addresses.admin}/api/${path}`, {
    ...init,
    headers: { authorization: `Bearer ${platform.adminToken}`, 'content-type': 'application/json' },
  });
const lines = async (sql: string, more: object = {}): Promise<Line[]> => {
  const answer = await api('sql', { method: 'POST', body: JSON.stringify({ namespace: 'default', sql, ...more }) });
  const text = await answer.text();
  if (answer.status !== 200) return [{ kind: 'failed', code: String(answer.status), message: JSON.parse(text).detail }];
  return text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
};
const rows = async (sql: string, more?: object): Promise<unknown[]> => {
  const all = await lines(sql, more);
  const failed = all.find(line => line.kind === 'failed');
  if (failed) throw new Error(failed.message);
  return all.flatMap(line => (line.kind === 'rows' ? line.rows : []));
};
const tables = async () => {
  const { items } = (await (await api('sql/tables')).json()) as { items: SqlTableReport[] };
  return items;
};

describe('SQL on a platform', () => {
  before(async () => {
    const directory = tempFolder({ 'app.yaml': APP });
    const ports = { public: 0, internal: 0, admin: 0 };
    platform = await startPlatform({ directory, watch: false, host: '127.0.0.1', ports, events: {} });
    for (let n = 0; n < 30; n++) {
      const day = n % 3 === 0 ? '24' : '25';
      const answer = await fetch(`${platform.addresses.public}/clicks`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'ce-specversion': '1.0',
          'ce-id': `c${n}`,
          'ce-source': '/test',
          'ce-type': 'Clicked',
          'ce-time': `2026-11-${day}T0${n % 10}:00:00Z`,
        },
        body: JSON.stringify({ page: `/p${n % 4}`, n, ...(n === 7 ? { bot: true } : {}) }),
      });
      assert.ok(answer.ok, await answer.text());
    }
    const inFiles = async () => (await tables()).map(({ files = 0 }) => files);
    await eventually(async () => (await inFiles()).filter(files => files >= 2).length === 2, 'files');
  });
  after(async () => {
    await platform.close(1000);
    removeTempFolders();
  });

  describeTables();
  describeQueries();
});

function describeTables(): void {
  it('counts an event once that was published twice, by the query of the guide', async () => {
    const publish = () =>
      fetch(`${platform.addresses.public}/orders`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'ce-specversion': '1.0',
          'ce-id': 'o1',
          'ce-source': '/test',
          'ce-type': 'OrderCreated',
        },
        body: JSON.stringify({ total: 7 }),
      });
    for (let time = 0; time < 2; time++) assert.ok((await publish()).ok);
    await eventually(async () => (await rows('FROM orders')).length === 2, 'both are in the archive');
    const guide = readFileSync(new URL('../../../docs/guides/sql.md', import.meta.url), 'utf8');
    const [, query = assert.fail('The guide has no query.')] = /```sql\n(SELECT key, sum[\s\S]*?)```/.exec(guide) ?? [];
    assert.deepEqual(await rows(query), [[null, 7]]);
  });

  it('knows its tables, and what is in them', async () => {
    const found = await tables();
    assert.deepEqual(await rows(`SELECT DISTINCT page = (data->>'page'), bot FROM page_clicks_2`), [[true, null]]);
    assert.deepEqual(
      found.map(({ name, kind, pipeline, view }) => [name, kind, pipeline ?? view]),
      [
        ['page_clicks', 'archive', 'page-clicks'],
        ['page_clicks_1', 'archive', 'page-clicks'],
        ['page_clicks_2', 'archive', 'page-clicks'],
        ['counting_window', 'window', 'counting'],
        ['orders', 'archive', 'orders'],
        ['last_clicks_view', 'view', 'last-clicks'],
        ['per_page_view', 'view', 'per-page'],
      ],
    );
    assert.equal(found[2]?.files, 0);
    assert.ok(found[1]?.columns.some(({ name, type }) => name === 'hour' && type === 'INTEGER'));
  });

  for (const table of ['page_clicks', 'page_clicks_1', 'page_clicks_2']) {
    it(`finds every event once in ${table}`, async () => {
      const ids = await rows(`SELECT id FROM ${table} ORDER BY "partition", "offset"`);
      assert.equal(ids.length, 29);
      assert.equal(new Set(ids.map(String)).size, 29);
      assert.deepEqual(await rows(`SELECT "date"::VARCHAR, count(*) FROM ${table} GROUP BY 1 ORDER BY 1`), [
        ['2026-11-24', 10],
        ['2026-11-25', 19],
      ]);
      assert.deepEqual(await rows(`SELECT data->>'page', sum((data->>'n')::INT) FROM ${table} GROUP BY 1 ORDER BY 1`), [
        ['/p0', 112],
        ['/p1', 120],
        ['/p2', 98],
        ['/p3', 98],
      ]);
      assert.deepEqual(await rows(`SELECT min(time) FROM ${table}`), [['2026-11-24 00:00:00+00']]);
    });
  }

  it('finds what was published a moment ago', async () => {
    const answer = await fetch(`${platform.addresses.public}/clicks`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"page":"/now","n":1,"id":9007199254740993}',
    });
    assert.ok(answer.ok);
    const count = async () => (await rows(`SELECT count(*) FROM page_clicks WHERE data->>'page' = '/now'`))[0];
    await eventually(async () => String(await count()) === '1', 'it is found');
  });

  it('finds the rows of Views, beside archives', async () => {
    const views = `SELECT v.key, (v.value->>'clicks')::INT, l.value->>'n' FROM per_page_view v
      JOIN last_clicks_view l ON l.key = v.key WHERE v.key IN (SELECT data->>'page' FROM page_clicks) AND v.key <> '/now' ORDER BY 1`;
    const expected = '[["/p0",8,"28"],["/p1",8,"29"],["/p2",7,"26"],["/p3",7,"27"]]';
    await eventually(async () => JSON.stringify(await rows(views)) === expected, 'all are folded');
    const large = "SELECT value->>'id' FROM last_clicks_view WHERE key = '/now'";
    await eventually(async () => (await rows(large)).length === 1, 'the newest is folded');
    assert.deepEqual(await rows(large), [['9007199254740993']]);
  });

  it('says of an archive the percentiles that the windows beside it say', async () => {
    // The archive leaves out a bot on this page.
    const others = "NOT IN ('/now', '/p3')";
    const windows = `SELECT key, p90::INT FROM counting_window WHERE key ${others} ORDER BY key`;
    const quantile = "quantile_disc((data->>'n')::INT, 0.9)";
    const archive = `SELECT data->>'page' AS page, ${quantile} FROM page_clicks WHERE page ${others} GROUP BY 1 ORDER BY 1`;
    await eventually(async () => (await rows(windows)).length === 3, 'all are counted');
    assert.deepEqual(await rows(windows), await rows(archive));
  });

  it('finds what windows that are open have counted', async () => {
    const sql =
      "SELECT key, clicks, most::INT, round(mean, 2), pages FROM counting_window WHERE key <> '/now' ORDER BY key";
    const expected = [
      ['/p0', 8, 28, 14, 1],
      ['/p1', 8, 29, 15, 1],
      ['/p2', 7, 26, 14, 1],
      ['/p3', 7, 27, 15, 1],
    ];
    await eventually(async () => (await rows(sql)).length === 4, 'all are counted');
    assert.deepEqual(await rows(sql), expected);
    const [[length]] = (await rows("SELECT ends - starts = INTERVAL '31 days' FROM counting_window LIMIT 1")) as [
      [unknown],
    ];
    assert.equal(length, true);
  });
}

function describeQueries(): void {
  it('reads the days that are asked for, and no others', async () => {
    const sql = 'SELECT count(*) FROM page_clicks';
    assert.deepEqual(await rows(sql, { since: '2026-11-24', until: '2026-11-24' }), [[10]]);
    assert.deepEqual(await rows('SELECT count(*) FROM page_clicks_2', { until: '2026-11-24' }), [[10]]);
    assert.deepEqual(await rows('SELECT count(*) FROM page_clicks_1', { until: '2026-11-24' }), [[10]]);
  });

  it('says where a query is wrong', async () => {
    const failed = (await lines('SELECT *\nFROM page_clicks WHERE nothing = 1')).at(-1);
    assert.ok(failed?.kind === 'failed');
    assert.match(failed.message, /nothing/);
    assert.match(failed.message, /line 2, column 24/);
  });

  it('names the tables when one is not there', async () => {
    const failed = (await lines('SELECT * FROM clickz')).at(-1);
    assert.ok(failed?.kind === 'failed');
    assert.match(failed.message, /There are: page_clicks, page_clicks_1, page_clicks_2, counting_window/);
  });

  it('ends with as many rows as are wanted, and says so', async () => {
    const all = await lines('SELECT id FROM page_clicks', { rows: 3 });
    const done = all.at(-1);
    assert.ok(done?.kind === 'done');
    assert.deepEqual([done.rows, done.truncated], [3, 'rows']);
  });

  it('ends what takes too long', async () => {
    const sql = 'WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t) SELECT max(n) FROM t';
    const failed = (await lines(sql, { timeoutMs: 1_500 })).at(-1);
    assert.ok(failed?.kind === 'failed', JSON.stringify(failed));
    assert.match(failed.message, /longer than 1.5 s|more memory/);
  });

  it('ends with whoever asked', async () => {
    const leaving = new AbortController();
    const sql = 'SELECT sum(a.range * b.range) FROM range(1000000) a, range(1000000) b';
    const asked = api('sql', {
      method: 'POST',
      body: JSON.stringify({ namespace: 'default', sql, timeoutMs: 60_000 }),
      signal: leaving.signal,
    });
    setTimeout(() => leaving.abort(), 500);
    await assert.rejects(async () => (await asked).text());
    // Both places are free again: neither of these is refused.
    await eventually(async () => (await lines('SELECT 1')).at(-1)?.kind === 'done', 'there is room');
    const both = await Promise.all([lines('SELECT 1'), lines('SELECT 2')]);
    assert.deepEqual(
      both.map(all => all.at(-1)?.kind),
      ['done', 'done'],
    );
  });

  it('gives whole numbers as numbers, and as text what a number cannot hold', async () => {
    assert.deepEqual(await rows('SELECT 1::BIGINT, 9007199254740993::BIGINT, NULL, 0.5, [1, 2], {a: true}'), [
      [1, '9007199254740993', null, '0.5', [1, 2], { a: true }],
    ]);
  });
}
