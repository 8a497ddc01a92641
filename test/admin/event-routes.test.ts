// The endpoints of the event plane over the real admin server: what reaches the platform, what
// comes back, what is refused.
import assert from 'node:assert/strict';
import type { ConsumerReport, EventControl } from '../../admin/event-view.ts';
import { noEvents } from '../../admin/no-events.ts';
import { TenfoldError } from '../../core/errors.ts';
import { removeTempFolders, tempFolder } from '../cli/temp-folder.ts';
import { type AnnouncedAdmin, announceAdmin } from '../fakes/admin-server.ts';
import { fakeView } from '../fakes/platform-view.ts';

const wall: ConsumerReport = {
  kind: 'Subscription',
  namespace: 'default',
  name: 'wall',
  topic: 'default.orders',
  target: 'function wall',
  state: 'running',
  lastError: undefined,
  pausedByCommand: false,
  lag: 3,
  oldestAgeMs: 1200,
  inFlight: 1,
  parkedKeys: 1,
  parkedEvents: 2,
  deadLetters: 0,
  delivered: 40,
  attempts: 44,
  failures: 4,
};
const name = { kind: 'Subscription', namespace: 'default', name: 'wall' };

const select = { action: 'redrive', kind: 'Queue', name: 'import' };
const refused: Record<string, readonly [path: string, method: string, status: number, body?: unknown]> = {
  'a kind that consumes nothing': ['/consumers/Topic/default/wall/pause', 'POST', 400],
  'a consumer that is not there': ['/consumers/Queue/default/none/pause', 'POST', 404],
  'to pause by reading': ['/consumers/Queue/default/import/pause', 'GET', 405],
  'a replay from nowhere': ['/consumers/Subscription/default/wall/replays', 'POST', 400, { from: 'here' }],
  'a command without a selection': ['/dead-letters/commands', 'POST', 400, select],
  'a command with two selections': ['/dead-letters/commands', 'POST', 400, { ...select, ids: ['0-1'], query: {} }],
  'other data for several': ['/dead-letters/commands', 'POST', 400, { ...select, query: {}, edit: { text: '1' } }],
  'other data to purge': [
    '/dead-letters/commands',
    'POST',
    400,
    { ...select, action: 'purge', ids: ['0-1'], edit: { text: '1' } },
  ],
  'an id that is none': ['/dead-letters/commands', 'POST', 400, { ...select, ids: ['../x'] }],
  'a time that is none': ['/dead-letters?olderThan=soon', 'GET', 400],
  'a yes or no that is neither': ['/dead-letters?held=perhaps', 'GET', 400],
  'times that exclude each other': ['/dead-letters?olderThan=2h&newerThan=1h', 'GET', 400],
  'a limit beyond the most': ['/jobs?limit=5000', 'GET', 400],
  'a state that no job has': ['/jobs?state=lost', 'GET', 400],
  'a wait that is too long': ['/jobs/default/import/0-1-x?wait=2m', 'GET', 400],
  'a job that is not there': ['/jobs/default/import/0-1-x', 'GET', 404],
};

describe('the admin API of the event plane', () => {
  let admin: AnnouncedAdmin;
  const told: unknown[] = [];
  const told1 =
    <T>(action: string, answer: T) =>
    async (...given: unknown[]) => {
      told.push([action, ...given.filter(each => typeof each !== 'function' && !(each instanceof AbortSignal))]);
      return answer;
    };
  const control: EventControl = {
    ...noEvents,
    consumers: async () => [wall, { ...wall, kind: 'Queue', name: 'import' }, { ...wall, namespace: 'other' }],
    pause: told1('pause', undefined),
    resume: told1('resume', undefined),
    replay: told1('replay', name as never),
    endReplay: told1('end', undefined),
    deadLetterOwners: async () => [
      { kind: 'Pipeline', namespace: 'default', name: 'totals/enrich', deadLetters: 2 },
      { kind: 'View', namespace: 'other', name: 'sold', deadLetters: 0 },
    ],
    deadLetters: told1('list', { items: [], next: 'more' }),
    deadLetterGroups: told1('groups', { items: [] }),
    async command(command, progress) {
      told.push(['command', command]);
      progress({ taken: 1, failed: [], total: 2 });
      return { taken: 2, failed: [{ id: '0-9', message: 'There is none.' }], total: 2 };
    },
    jobs: told1('jobs', { items: [] }),
    async job(_namespace, queue) {
      throw new TenfoldError('not-found', `Queue ${queue} has no such job.`);
    },
  };
  before(async () => {
    admin = await announceAdmin(fakeView({ events: control }), tempFolder());
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

  it('counts dead letters of whatever has some, in all namespaces or in one', async () => {
    const names = async (query: string) => {
      const { items } = JSON.parse(await (await ask(`/dead-letters/owners${query}`)).text());
      return items.map((each: ConsumerReport) => `${each.kind} ${each.name} ${each.deadLetters}`);
    };
    assert.deepEqual(await names(''), ['Pipeline totals/enrich 2', 'View sold 0']);
    assert.deepEqual(await names('?namespace=other'), ['View sold 0']);
  });

  it('lists consumers, all or those asked for', async () => {
    const names = async (query: string) => {
      const { items } = (await (await ask(`/consumers${query}`)).json()) as { items: ConsumerReport[] };
      return items.map(each => `${each.kind} ${each.namespace}/${each.name}`);
    };
    assert.equal((await names('')).length, 3);
    assert.deepEqual(await names('?kind=Queue'), ['Queue default/import']);
    assert.deepEqual(await names('?namespace=other&name=wall'), ['Subscription other/wall']);
  });

  it('pauses and resumes, and answers how the consumer is then', async () => {
    for (const action of ['pause', 'resume']) {
      const answer = await ask(`/consumers/Subscription/default/wall/${action}`, 'POST');
      assert.deepEqual([answer.status, await answer.json()], [200, JSON.parse(JSON.stringify(wall))]);
    }
    assert.deepEqual(told, [
      ['pause', name],
      ['resume', name],
    ]);
  });

  it('starts a replay and ends it', async () => {
    const answer = await ask('/consumers/Subscription/default/wall/replays', 'POST', {
      from: 'earliest',
      toFunction: 'late',
    });
    assert.equal(answer.status, 201);
    assert.equal((await ask('/consumers/Subscription/default/wall', 'DELETE')).status, 204);
    assert.deepEqual(told, [
      ['replay', { namespace: 'default', subscription: 'wall', from: 'earliest', toFunction: 'late' }],
      ['end', name],
    ]);
  });

  it('finds dead letters by key, reason and age', async () => {
    const answer = await ask(
      '/dead-letters?kind=Subscription&name=wall&key=7&reason=exhausted&olderThan=1h&limit=5&after=x',
    );
    assert.deepEqual(await answer.json(), { items: [], next: 'more' });
    const query = { consumer: name, key: '7', reason: 'exhausted', olderThanMs: 3_600_000, limit: 5, after: 'x' };
    assert.deepEqual(told, [['list', query]]);
  });

  it('counts dead letters of one consumer by their cause', async () => {
    const path = '/dead-letters/groups';
    assert.equal((await ask(`${path}?kind=Subscription&name=wall&held=true&text=price`)).status, 200);
    assert.deepEqual(told, [['groups', { consumer: name, held: true, text: 'price', limit: 100 }]]);
    assert.equal((await ask(path)).status, 400);
  });

  it('finds those that hold up their key', async () => {
    await ask('/dead-letters?held=true');
    await ask('/dead-letters?held=false');
    const body = { action: 'skip', kind: 'Queue', name: 'import', query: { held: true } };
    await ask('/dead-letters/commands', 'POST', body);
    const consumer = { kind: 'Queue', namespace: 'default', name: 'import' };
    assert.deepEqual(told, [
      ['list', { held: true, limit: 100 }],
      ['list', { held: false, limit: 100 }],
      ['command', { action: 'skip', consumer, query: { held: true } }],
    ]);
  });

  it('finds those of a namespace', async () => {
    await ask('/dead-letters?namespace=other');
    assert.deepEqual(told, [['list', { namespace: 'other', limit: 100 }]]);
  });

  it('redrives what is named, line by line as it goes', async () => {
    const body = { action: 'redrive', kind: 'Subscription', name: 'wall', ids: ['0-7', '0-9'] };
    const answer = await ask('/dead-letters/commands', 'POST', body);
    assert.equal(answer.headers.get('content-type'), 'application/x-ndjson');
    const lines = (await answer.text()).trim().split('\n');
    assert.deepEqual(
      lines.map(line => JSON.parse(line)),
      [
        { taken: 1, failed: [], total: 2, done: false },
        { taken: 2, failed: [{ id: '0-9', message: 'There is none.' }], total: 2, done: true },
      ],
    );
    assert.deepEqual(told, [['command', { action: 'redrive', consumer: name, ids: ['0-7', '0-9'] }]]);
  });

  it('redrives one with other data', async () => {
    const edit = { text: '{"cups":1}' };
    const body = { action: 'redrive', kind: 'Subscription', name: 'wall', ids: ['0-7'], edit };
    assert.equal((await ask('/dead-letters/commands', 'POST', body)).status, 200);
    assert.deepEqual(told, [['command', { action: 'redrive', consumer: name, ids: ['0-7'], edit }]]);
  });

  it('purges all that a query finds', async () => {
    const body = { action: 'purge', kind: 'Queue', name: 'import', query: { newerThan: '15m' } };
    assert.equal((await ask('/dead-letters/commands', 'POST', body)).status, 200);
    const consumer = { kind: 'Queue', namespace: 'default', name: 'import' };
    assert.deepEqual(told, [['command', { action: 'purge', consumer, query: { newerThanMs: 900_000 } }]]);
  });

  it('lists jobs', async () => {
    await ask('/jobs?queue=import&state=waiting');
    assert.deepEqual(told, [['jobs', { queue: 'import', state: 'waiting', limit: 100 }]]);
  });

  for (const [what, [path, method, status, body]] of Object.entries(refused)) {
    it(`refuses ${what}`, async () => assert.equal((await ask(path, method, body)).status, status));
  }
});
