// The endpoint that finds events over the real admin server: what reaches the platform, and what is
// refused.
import assert from 'node:assert/strict';
import { noEvents } from '../../admin/no-events.ts';
import type { FoundPage } from '../../admin/topic-view.ts';
import { removeTempFolders, tempFolder } from '../cli/temp-folder.ts';
import { type AnnouncedAdmin, announceAdmin } from '../fakes/admin-server.ts';
import { fakeView } from '../fakes/platform-view.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const page: FoundPage = { items: [], ended: 'end', looked: [], rest: 0, scanned: 0, unindexed: 0 };

describe('the admin API that finds events', () => {
  let admin: AnnouncedAdmin;
  const told: unknown[] = [];
  before(async () => {
    const finding = {
      async find(query: unknown) {
        told.push(query);
        return page;
      },
    };
    admin = await announceAdmin(fakeView({ events: { ...noEvents, finding } }), tempFolder());
  });
  after(() => {
    admin.close();
    removeTempFolders();
  });
  beforeEach(() => told.splice(0));
  const ask = (query: string, method = 'GET') =>
    fetch(`${admin.url}/api/events${query}`, { method, headers: { authorization: `Bearer ${admin.token}` } });

  it('asks as the query says', async () => {
    const times = 'since=2026-11-24T08:00:00Z&until=2026-11-24T09:00:00Z';
    const answer = await ask(`?namespace=shop&topic=orders&id=a%00%E2%98%95&source=/s&${times}&limit=7&after=x`);
    assert.deepEqual([answer.status, await answer.json()], [200, page]);
    for (const query of [`trace=${TRACE}`, 'key=k&queue=import', 'job=0-17-5f0c9b1d2a3e4f60'])
      assert.equal((await ask(`?${query}`)).status, 200);
    const [since, until] = [Date.UTC(2026, 10, 24, 8), Date.UTC(2026, 10, 24, 9)];
    assert.deepEqual(told, [
      { namespace: 'shop', topic: 'orders', id: 'a\u0000☕', source: '/s', since, until, limit: 7, after: 'x' },
      { namespace: 'default', trace: TRACE, limit: 100 },
      { namespace: 'default', key: 'k', queue: 'import', limit: 100 },
      { namespace: 'default', job: '0-17-5f0c9b1d2a3e4f60', limit: 100 },
    ]);
  });

  const refused: Readonly<Record<string, string>> = {
    'no name': '?namespace=shop',
    'two names': '?id=a&key=b',
    'a source without an id': '?key=a&source=/s',
    'a topic and a queue': '?id=a&topic=t&queue=q',
    'a trace that is none': '?trace=a',
    'a time that is none': '?id=a&since=2h',
    'more than a page has': '?id=a&limit=1001',
    'what it does not know': '?id=a&offset=1',
  };
  for (const [what, query] of Object.entries(refused)) {
    it(`refuses ${what}`, async () => {
      assert.equal((await ask(query)).status, 400);
      assert.deepEqual(told, []);
    });
  }

  it('reads alone', async () => {
    assert.equal((await ask('?id=a', 'POST')).status, 405);
  });
});
