// The endpoints of parked events over the real admin server: what they ask for, and refuse.
import assert from 'node:assert/strict';
import { noEvents } from '../../admin/no-events.ts';
import type { ParkedControl } from '../../admin/parked-view.ts';
import { removeTempFolders, tempFolder } from '../cli/temp-folder.ts';
import { type AnnouncedAdmin, announceAdmin } from '../fakes/admin-server.ts';
import { fakeView } from '../fakes/platform-view.ts';

const name = { kind: 'Subscription', namespace: 'default', name: 'wall' };

describe('the admin API of parked events', () => {
  let admin: AnnouncedAdmin;
  const told: unknown[] = [];
  const tells =
    <T>(action: string, answer: T) =>
    async (...given: unknown[]) => {
      told.push([action, ...given.filter(each => !(each instanceof AbortSignal))]);
      return answer;
    };
  const parked: ParkedControl = {
    list: tells('list', { items: [] }),
    read: tells('read', { id: '0-3' } as never),
    async command(command, progress) {
      told.push(['command', command]);
      progress({ taken: 1, unconfirmed: 0, failed: [], total: 1 });
      return { taken: 1, unconfirmed: 1, failed: [], total: 2 };
    },
  };
  before(async () => {
    admin = await announceAdmin(fakeView({ events: { ...noEvents, parked } }), tempFolder());
  });
  after(() => {
    admin.close();
    removeTempFolders();
  });
  beforeEach(() => told.splice(0));
  const ask = (path: string, method = 'GET', body?: unknown) =>
    fetch(`${admin.url}/api${path}`, {
      method,
      headers: { authorization: `Bearer ${admin.token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  it('finds parked keys of a consumer, key and age, and shows one', async () => {
    await ask(
      '/parked?kind=Subscription&name=wall&key=7&reason=Busy&text=no+cup&olderThan=1h&newerThan=1d&limit=5&after=x',
    );
    await ask('/parked?namespace=other');
    await ask('/parked/Subscription/default/wall/0-3?limit=7&after=0-3');
    assert.deepEqual(told, [
      [
        'list',
        {
          consumer: name,
          key: '7',
          reason: 'Busy',
          text: 'no cup',
          olderThanMs: 3_600_000,
          newerThanMs: 86_400_000,
          limit: 5,
          after: 'x',
        },
      ],
      ['list', { namespace: 'other', limit: 100 }],
      ['read', name, '0-3', { limit: 7, after: '0-3' }],
    ]);
  });

  it('orders what is named or found, line by line as it goes', async () => {
    const some = { action: 'retry', kind: 'Subscription', name: 'wall', ids: ['0-7', '0-9'] };
    const answer = await ask('/parked/commands', 'POST', some);
    assert.equal(answer.headers.get('content-type'), 'application/x-ndjson');
    const lines = (await answer.text())
      .trim()
      .split('\n')
      .map(line => JSON.parse(line));
    assert.deepEqual(lines, [
      { taken: 1, unconfirmed: 0, failed: [], total: 1, done: false },
      { taken: 1, unconfirmed: 1, failed: [], total: 2, done: true },
    ]);
    const query = { key: 'k', reason: 'Timeout', olderThan: '1h' };
    const found = { action: 'give-up', kind: 'Queue', namespace: 'other', name: 'import', query, wholeKey: true };
    await ask('/parked/commands', 'POST', found);
    const consumer = { kind: 'Queue', namespace: 'other', name: 'import' };
    assert.deepEqual(told, [
      ['command', { action: 'retry', consumer: name, ids: ['0-7', '0-9'] }],
      [
        'command',
        { action: 'give-up', consumer, query: { key: 'k', reason: 'Timeout', olderThanMs: 3_600_000 }, wholeKey: true },
      ],
    ]);
  });

  const select = { action: 'retry', kind: 'Queue', name: 'import' };
  for (const [what, body] of [
    ['an order without a selection', select],
    ['an order with two selections', { ...select, ids: ['0-1'], query: {} }],
    ['an order of another action', { ...select, action: 'skip', query: {} }],
    ['a retry of a whole key', { ...select, ids: ['0-1'], wholeKey: true }],
    ['an id that is none', { ...select, ids: ['../x'] }],
    ['an unknown member', { ...select, query: {}, force: true }],
  ] as const)
    it(`refuses ${what}`, async () => {
      assert.equal((await ask('/parked/commands', 'POST', body)).status, 400);
      assert.deepEqual(told, []);
    });

  it('takes orders by POST alone', async () => {
    const answer = await ask('/parked/commands', 'GET');
    assert.deepEqual([answer.status, answer.headers.get('allow')], [405, 'POST']);
  });

  for (const [what, path, method] of [
    ['a time that is none', '/parked?olderThan=soon', 'GET'],
    ['an unknown filter', '/parked?held=true', 'GET'],
    ['a consumer of no kind', '/parked?kind=Topic&name=a', 'GET'],
    ['times that exclude each other', '/parked?olderThan=2h&newerThan=1h', 'GET'],
    ['a limit that is none', '/parked/Subscription/default/wall/0-3?limit=0', 'GET'],
  ] as const)
    it(`refuses ${what}`, async () => {
      assert.equal((await ask(path, method)).status, 400);
      assert.deepEqual(told, []);
    });
});
