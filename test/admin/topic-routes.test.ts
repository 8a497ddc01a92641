// The endpoints of events of Topics over the real admin server: what reaches the platform, what is
// refused, and that an answer which follows ends with its reader, waits for it, and ends in words.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { noEvents } from '../../admin/no-events.ts';
import type { StoryControl } from '../../admin/story-view.ts';
import type { TopicEventControl, TopicEventPage, TopicLine } from '../../admin/topic-view.ts';
import { TenfoldError } from '../../core/errors.ts';
import { removeTempFolders, tempFolder } from '../cli/temp-folder.ts';
import { eventually } from '../eventually.ts';
import { type AnnouncedAdmin, announceAdmin } from '../fakes/admin-server.ts';
import { fakeView } from '../fakes/platform-view.ts';

const page: TopicEventPage = { items: [], ended: 'end', position: 'at_x', progress: { done: 0, total: 0 }, scanned: 0 };

describe('the admin API of events of Topics', () => {
  let admin: AnnouncedAdmin;
  const told: unknown[] = [];
  let list: TopicEventControl['list'] = async () => page;
  let follow: TopicEventControl['follow'];
  before(async () => {
    const topicEvents: TopicEventControl = {
      list(namespace, name, query, signal) {
        told.push([namespace, name, query]);
        return list(namespace, name, query, signal);
      },
      follow(namespace, name, query, signal) {
        told.push([namespace, name, query]);
        return follow(namespace, name, query, signal);
      },
    };
    const stories: StoryControl = {
      tellJob: noEvents.stories.tellJob,
      async tell(namespace, topic, id) {
        told.push([namespace, topic, id]);
        return { event: { partition: 3, offset: 17, key: null, bytes: 0 }, consumers: [], cameFrom: [], ledTo: [] };
      },
    };
    admin = await announceAdmin(fakeView({ events: { ...noEvents, topicEvents, stories } }), tempFolder());
  });
  after(() => {
    admin.close();
    removeTempFolders();
  });
  beforeEach(() => {
    told.splice(0);
    list = async () => page;
    follow = async function* () {};
  });
  const ask = (path: string, method = 'GET', body?: unknown) =>
    fetch(`${admin.url}/api/topics/shop/orders${path}`, {
      method,
      headers: { authorization: `Bearer ${admin.token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  it('reads a page as the query says', async () => {
    const query = 'from=3-17&filter=event.type%3D%3D%22x%22&key=k&id=e&partition=3&dataBytes=0&limit=1000';
    const answer = await ask(`/events?${query}`);
    assert.deepEqual([answer.status, await answer.json()], [200, page]);
    assert.equal((await ask('/events?after=at_1')).status, 200);
    const all = { from: '3-17', filter: 'event.type=="x"', key: 'k', id: 'e', partition: 3, dataBytes: 0, limit: 1000 };
    assert.deepEqual(told, [
      ['shop', 'orders', all],
      ['shop', 'orders', { after: 'at_1', limit: 100 }],
    ]);
  });

  it('says that a query parameter is wrong, and not the body', async () => {
    const answer = await ask('/events?partition=x');
    const { detail } = (await answer.json()) as { detail: string };
    assert.match(detail, /^The query parameters are not valid here\. partition: /);
  });

  it('tells the story of an event', async () => {
    const answer = await ask('/events/3-17/story');
    assert.equal(answer.status, 200);
    assert.deepEqual(told, [['shop', 'orders', '3-17']]);
    assert.equal((await ask('/events/3-17/story', 'POST')).status, 405);
  });

  const refused: Readonly<Record<string, readonly [path: string, method: string, status: number, body?: unknown]>> = {
    'more events than a page has': ['/events?limit=1001', 'GET', 400],
    'no events': ['/events?limit=0', 'GET', 400],
    'more data than is shown': ['/events?dataBytes=1048577', 'GET', 400],
    'a partition that is none': ['/events?partition=-1', 'GET', 400],
    'a filter that is too long': [`/events?filter=${'x'.repeat(8001)}`, 'GET', 400],
    'what it does not know': ['/events?offset=1', 'GET', 400],
    'a key twice': ['/events?key=a&key=b', 'GET', 400],
    'to change events': ['/events', 'POST', 405],
    'to follow by reading': ['/follow', 'GET', 405],
    'to follow from two places': ['/follow', 'POST', 400, { from: 'latest', last: 1 }],
    'more last ones than there may be': ['/follow', 'POST', 400, { last: 1001 }],
    'a filter that is no text': ['/follow', 'POST', 400, { filter: 1 }],
  };
  for (const [what, [path, method, status, body]] of Object.entries(refused)) {
    it(`refuses ${what}`, async () => {
      assert.equal((await ask(path, method, body)).status, status);
      assert.deepEqual(told, []);
    });
  }

  it('answers with the fault of a filter', async () => {
    list = async () => {
      throw new TenfoldError('invalid-expression', 'The expression is not valid.', { extensions: { offset: 3 } });
    };
    const answer = await ask('/events?filter=x');
    const { type, offset } = (await answer.json()) as { type: string; offset: number };
    assert.deepEqual([answer.status, type.split('#').at(-1), offset], [400, 'invalid-expression', 3]);
  });

  it('stops a list whose reader has left', async () => {
    let reason: unknown;
    list = (_namespace, _name, _query, signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          reason = signal.reason;
          reject(signal.reason);
        });
      });
    const leave = new AbortController();
    const answer = fetch(`${admin.url}/api/topics/shop/orders/events`, {
      headers: { authorization: `Bearer ${admin.token}` },
      signal: leave.signal,
    });
    answer.catch(() => {});
    await eventually(() => told.length > 0, 'it is asked');
    leave.abort();
    await eventually(() => reason !== undefined, 'it is told');
  });

  it('follows line by line, and ends in words where the platform does', async () => {
    const at: TopicLine = { kind: 'at', at: '2026-11-25T00:00:00.000Z', ...page };
    follow = async function* () {
      yield at;
      throw new TenfoldError('shutting-down', 'The platform is shutting down.');
    };
    const answer = await ask('/follow', 'POST', { last: 3, follow: true });
    assert.equal(answer.headers.get('content-type'), 'application/x-ndjson');
    const lines = (await answer.text()).trim().split('\n');
    assert.deepEqual(
      lines.map(line => JSON.parse(line).kind),
      ['at', 'failed'],
    );
    assert.deepEqual(told, [['shop', 'orders', { last: 3, follow: true }]]);
  });

  it('follows no faster than its reader reads, and ends when it leaves', async () => {
    let sent = 0;
    let ended = false;
    follow = async function* () {
      try {
        for (;;) {
          sent++;
          yield {
            kind: 'event',
            event: { partition: 0, offset: sent, key: null, bytes: 65_536, text: 'x'.repeat(65_536) },
          };
        }
      } finally {
        ended = true;
      }
    };
    const asked = request(`${admin.url}/api/topics/shop/orders/follow`, {
      method: 'POST',
      headers: { authorization: `Bearer ${admin.token}`, 'content-type': 'application/json' },
    });
    asked.end('{}');
    const [response] = await once(asked, 'response');
    let before = -1;
    // It stands still once the buffers of both sides are full.
    await eventually(async () => {
      before = sent;
      await new Promise(resolve => setTimeout(resolve, 50));
      return sent === before;
    }, 'it waits');
    assert.ok(sent < 2000, `${sent} lines are under way`);
    response.destroy();
    await eventually(() => ended, 'it ends');
  });
});
