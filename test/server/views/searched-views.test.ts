// A View that is searched over a whole platform: fed by what is published, asked at routes and
// at the internal listener.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Platform, startPlatform } from '../../../server/platform.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';

const APP = `apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: tweets }
spec: { partitions: 2, key: "\${event.data.id}" }
---
apiVersion: tenfold.dev/v1alpha1
kind: View
metadata: { name: search }
spec:
  from: [tweets]
  search:
    id: "\${event.data.id}"
    document: { text: "\${event.data.text}", author: "\${event.data.author}", likes: "\${event.data.likes}" }
    delete: "\${event.type == 'gone'}"
    fields:
      text: { fuzzy: true, phonetic: true, suggest: true, language: en }
      author: { type: keyword }
      likes: { type: number }
    synonyms: [[tv, television]]
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: social }
spec:
  routes:
    - { match: { method: POST, path: /tweets }, to: { topic: tweets } }
    - { match: { method: GET, path: /search }, to: { view: search } }
`;

interface Found {
  readonly items: { id: string; value: unknown; highlights?: Record<string, { text: string; match?: true }[][]> }[];
  readonly total: { count: number; exact: boolean };
  readonly next?: string;
}

describe('a searched view on a platform', () => {
  let platform: Platform;
  let folder: string;
  let last: string;

  before(async () => {
    folder = tempFolder({ 'app.yaml': APP });
    const ports = { public: 0, internal: 0, admin: 0 };
    platform = await startPlatform({ directory: folder, watch: false, host: '127.0.0.1', ports, events: {} });
    const texts = ['Brewing espresso at home', 'espressos are strong', 'Watching television', 'Stephen makes tea'];
    const positions: string[] = [];
    for (const [n, text] of texts.entries()) {
      positions.push(await publish({ id: `t${n}`, text, author: n % 2 ? 'ada' : 'bob', likes: n }));
    }
    last = positions.join(',');
  });
  after(async () => {
    await platform.close(1000);
    removeTempFolders();
  });

  const publish = async (data: object, type = 'tweet') => {
    const answer = await fetch(`${platform.addresses.public}/tweets`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'ce-specversion': '1.0',
        'ce-id': crypto.randomUUID(),
        'ce-source': '/t',
        'ce-type': type,
        'ce-subject': 'all',
      },
      body: JSON.stringify(data),
    });
    assert.equal(answer.status, 204, await answer.text());
    return answer.headers.get('tenfold-position') ?? assert.fail('no position');
  };
  const ask = async (query: string) => {
    const answer = await fetch(`${platform.addresses.public}/search?${query}`);
    return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Found };
  };
  const ids = async (query: string) => (await ask(query)).body.items.map(({ id }) => id).sort();

  it('counts the values of what it finds', async () => {
    const { body } = await ask(`q=espresso&facets=author,likes&fields=author&limit=1&after=${last}`);
    const of = (...values: unknown[]) => ({ values: values.map(value => ({ value, count: 1 })), others: 0 });
    assert.deepEqual('facets' in body && body.facets, { author: of('ada', 'bob'), likes: of(0, 1) });
    assert.deepEqual(Object.keys(body.items[0]?.value ?? {}), ['author']);
    assert.equal((await ask('facets=text')).status, 400);
  });

  it('finds words by their forms, with typos, by their sound and by synonyms', async () => {
    assert.deepEqual(await ids(`q=espresso&after=${last}`), ['t0', 't1']);
    assert.deepEqual(await ids('q=brew'), ['t0']);
    assert.deepEqual(await ids('q=expresso'), ['t0', 't1']);
    assert.deepEqual(await ids('q=steven'), ['t3']);
    assert.deepEqual(await ids('q=tv'), ['t2']);
    assert.deepEqual(await ids('q=nothing'), []);
  });

  it('filters, sorts, pages, counts and shows where it matched', async () => {
    assert.deepEqual(await ids('q=espresso&filter=author:ada'), ['t1']);
    assert.deepEqual(await ids('filter=likes:1..2'), ['t1', 't2']);
    const first = (await ask('sort=-likes&limit=3&q=')).body;
    assert.deepEqual(
      first.items.map(({ id }) => id),
      ['t3', 't2', 't1'],
    );
    assert.deepEqual(first.total, { count: 4, exact: true });
    const second = (await ask(`sort=-likes&limit=3&q=&after=${first.next}`)).body;
    assert.deepEqual([second.items.map(({ id }) => id), second.next], [['t0'], undefined]);
    const [shown] = (await ask('q=espressos&filter=author:bob&highlight=text')).body.items;
    assert.deepEqual(shown?.highlights?.['text'], [
      [{ text: 'Brewing ' }, { text: 'espresso', match: true }, { text: ' at home' }],
    ]);
  });

  it('completes what is typed, and gives single documents', async () => {
    assert.deepEqual((await ask('suggest=strong+esp')).body, { items: ['strong espresso', 'strong espressos'] });
    assert.deepEqual((await ask('key=t2')).body, { text: 'Watching television', author: 'bob', likes: 2 });
    assert.equal((await ask('key=t9')).status, 404);
  });

  it('shows a writer what it has written, and no more what it has deleted', async () => {
    for (let n = 0; n < 5; n++) {
      const there = await publish({ id: 'w', text: `walnut ${n}`, author: 'eve', likes: n });
      assert.deepEqual(await ids(`q=walnut+${n}&after=${there}`), ['w']);
    }
    const gone = await publish({ id: 'w' }, 'gone');
    const answer = await ask(`q=walnut&after=${gone}`);
    assert.deepEqual(answer.body.items, []);
    assert.ok(Date.parse(answer.headers.get('tenfold-as-of') ?? '') > 0);
  });

  it('refuses what it cannot answer, and answers at the internal listener', async () => {
    assert.equal((await ask('q=x&filter=color:red')).status, 400);
    assert.equal((await ask('q=x&after=nonsense')).status, 400);
    const { internalKey } = JSON.parse(readFileSync(join(folder, '.tenfold', 'platform.json'), 'utf8'));
    const headers = { 'tenfold-key': internalKey };
    const answer = await fetch(`${platform.addresses.internal}/views/search?q=television`, { headers });
    assert.equal(((await answer.json()) as Found).items[0]?.id, 't2');
  });
});
