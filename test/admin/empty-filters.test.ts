// Empty filters, as a variable that is not set gives them: none selects everything.
import assert from 'node:assert/strict';
import { noEvents } from '../../admin/no-events.ts';
import type { FindQuery } from '../../admin/topic-view.ts';
import { removeTempFolders, tempFolder } from '../cli/temp-folder.ts';
import { type AnnouncedAdmin, announceAdmin } from '../fakes/admin-server.ts';
import { createFakeOperations } from '../fakes/fake-operations.ts';
import { fakeView } from '../fakes/platform-view.ts';

const NOTHING = { ended: 'end', looked: [], rest: 0, scanned: 0, unindexed: 0 } as const;
const PARKED = ['key', 'reason', 'text', 'olderThan', 'newerThan'];
const LETTERS = [...PARKED, 'group', 'held'];

describe('an empty filter', () => {
  let admin: AnnouncedAdmin;
  /** The keys that lists were asked for. */
  const lists: unknown[] = [];
  const listed = async ({ key }: { readonly key?: string | undefined }) => {
    lists.push(key);
    return { items: [] };
  };
  const asked: { query?: unknown }[] = [];
  const operations = createFakeOperations();
  before(async () => {
    const events = {
      ...noEvents,
      deadLetters: listed,
      deadLetterGroups: listed,
      finding: { find: async (query: FindQuery) => ({ ...(await listed(query)), ...NOTHING }) },
      async command(command: { query?: unknown }) {
        asked.push(command);
        return { taken: 0, failed: [], total: 0 };
      },
      parked: {
        ...noEvents.parked,
        list: listed,
        async command(command: { query?: unknown }) {
          asked.push(command);
          return { taken: 0, unconfirmed: 0, failed: [], total: 0 };
        },
      },
      operations: {
        ...operations,
        plan(request: Parameters<typeof operations.plan>[0]) {
          asked.push(request);
          return operations.plan(request);
        },
      },
    };
    admin = await announceAdmin(fakeView({ events }), tempFolder());
  });
  after(() => {
    admin.close();
    removeTempFolders();
  });
  beforeEach(() => {
    asked.splice(0);
    lists.splice(0);
  });
  const post = async (path: string, body: unknown) => {
    const answer = await fetch(`${admin.url}/api${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${admin.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: answer.status, text: await answer.text() };
  };

  for (const [path, filters] of [
    ['/dead-letters', [...LETTERS, 'kind']],
    ['/dead-letters/groups', LETTERS],
    ['/parked', PARKED],
    ['/events', ['key', 'id', 'trace', 'job']],
  ] as const)
    for (const filter of filters)
      it(`${filter} of GET ${path} is refused, or selects by the empty key`, async () => {
        const of = path === '/events' ? '' : '&kind=Subscription&name=wall';
        const answer = await fetch(`${admin.url}/api${path}?${filter}=${of}`, {
          headers: { authorization: `Bearer ${admin.token}` },
        });
        const text = await answer.text();
        if (filter === 'key') {
          assert.equal(answer.status, 200, text);
          assert.deepEqual(lists, ['']);
          return;
        }
        assert.equal(answer.status, 400, text);
        assert.match(text, new RegExp(`query parameter .*"${filter}.*" wants exactly one value`));
        assert.deepEqual(lists, []);
      });

  for (const [path, action, filters] of [
    ['/operations', 'purge', [...LETTERS, 'state']],
    ['/operations', 'give-up', [...LETTERS, 'state']],
    ['/dead-letters/commands', 'purge', LETTERS],
    ['/parked/commands', 'give-up', PARKED],
  ] as const)
    for (const filter of filters)
      for (const value of ['', ' '])
        it(`${filter} ${JSON.stringify(value)} of ${path} ${action} is refused, or selects by the empty key`, async () => {
          const of = { action, kind: 'Subscription', name: 'wall' };
          const { status, text } = await post(path, { ...of, query: { [filter]: value } });
          if (filter === 'key') {
            assert.equal(status < 300, true, text);
            assert.deepEqual(
              asked.map(({ query }) => query),
              [{ key: value }],
            );
            return;
          }
          assert.equal(status, 400, text);
          assert.match(text, new RegExp(`query\\.${filter}: `));
          if (['text', 'group', 'reason'].includes(filter)) assert.match(text, /is empty.*whether a variable is set/);
          assert.deepEqual(asked, []);
        });
});
