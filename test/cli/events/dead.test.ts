// `tenfold dead`: what is listed and shown, what is asked for, what is said of those that fail.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
  DeadLetterCommand,
  DeadLetterGroupPage,
  DeadLetterGroupQuery,
  DeadLetterQuery,
} from '../../../admin/commands/dead-letter-view.ts';
import { fakeConsumer, fakeLetter } from '../../fakes/consumer-report.ts';
import { createFakeOperations } from '../../fakes/fake-operations.ts';
import { assertGolden } from '../golden.ts';
import { type AdminRun, startAdminRun } from './admin-run.ts';

/** What a function throws is not to steer the terminal either. */
const cause = { name: 'Error', message: 'no price\u001b[2J for boom', at: 'menu.ts:12:9', trace: '4bf92f3577b34da6' };

const mistakes: { words: string[]; code: number; says: RegExp }[] = [
  { words: ['redrive', 'wall'], code: 2, says: /not said which to redrive.*\nNext: name their ids/ },
  { words: ['redrive', 'wall', '0-1', '--all'], code: 2, says: /Both ids and a selection/ },
  { words: ['purge', 'wall', '0-1', '--edit', 'x'], code: 2, says: /--edit is for redrive/ },
  { words: ['redrive', 'wall', '0-1', '0-2', '--edit', 'x'], code: 2, says: /one event at a time/ },
  { words: ['redrive', 'wall', '0-1', '--edit', 'none.json'], code: 3, says: /none\.json cannot be read/ },
  { words: ['redrive', 'wlal', '--all'], code: 3, says: /no Subscription or Queue "wlal"\. Did you mean "wall"\?/ },
  {
    words: ['redrive', 'topic/x', '--all'],
    code: 2,
    says: /none of subscription\/NAME, queue\/NAME, fanout\/NAME and strangler\/NAME\.FEATURE/,
  },
  { words: ['redrive', 'wall', '17'], code: 4, says: /must be the id of a dead letter/ },
  { words: ['list', '--older-than', 'soon'], code: 4, says: /must be a duration/ },
  { words: ['redrive', 'wall', '0-1', '--dry-run'], code: 2, says: /--dry-run and --rate are for a selection/ },
  { words: ['redrive', 'wall', '0-1', '--merge', 'x'], code: 2, says: /--merge is for the redrive of a selection/ },
  { words: ['groups'], code: 2, says: /Groups are those of one Subscription/ },
  { words: ['show', 'wall'], code: 2, says: /which one dead letter/ },
  { words: ['list', 'wall', '0-1'], code: 2, says: /"list" takes no ids/ },
];

describe('dead', () => {
  let admin: AdminRun;
  let letters = [fakeLetter('0-17'), fakeLetter('1-3', { held: true, key: null })];
  const asked: DeadLetterQuery[] = [];
  const taken: DeadLetterCommand[] = [];
  let failed: { id: string; message: string }[] = [];
  let later: { later?: number; omitted?: number } = {};
  let groups: DeadLetterGroupPage = { items: [] };
  const askedGroups: DeadLetterGroupQuery[] = [];
  const wall = { kind: 'Subscription', namespace: 'default', name: 'wall' };

  const operations = createFakeOperations();

  before(async () => {
    admin = await startAdminRun({
      consumers: async () => [fakeConsumer('wall'), fakeConsumer('import', { kind: 'Queue' })],
      async deadLetters(query) {
        asked.push(query);
        const from = Number(query.after ?? 0);
        const to = from + query.limit;
        const next = to < letters.length ? { next: String(to) } : {};
        return { items: letters.slice(from, to), ...next, ...(from === 0 ? later : {}) };
      },
      async deadLetterGroups(query) {
        askedGroups.push(query);
        return groups;
      },
      deadLetter: async (_consumer, id) => letters.find(each => each.id === id) ?? assert.fail(id),
      operations,
      async command(command, progress) {
        taken.push(command);
        progress({ taken: 100, failed: [], total: 250 });
        return { taken: 250 - failed.length, failed, total: 250, ...later };
      },
    });
  });
  after(() => admin.close());
  beforeEach(() => {
    letters = [fakeLetter('0-17'), fakeLetter('1-3', { held: true, key: null, cause })];
    asked.length = 0;
    taken.length = 0;
    failed = [];
    later = {};
    operations.asked.length = 0;
    operations.failed = [];
    operations.next = { total: 250, notes: [] };
  });
  const run = (...words: string[]) => admin.run(['dead', ...words]);
  /** Ages go on. */
  const still = (text: string) => text.replace(/\b(\d+[dhms])+\b/g, 'SOME').replace(/\b {2,}/g, '  ');

  it('lists all, without what others wrote into them steering the terminal', async () => {
    const { code, stdout } = await run('list');
    assert.equal(code, 0);
    assertGolden('dead/list.txt', still(stdout));
  });

  it('asks for those of one consumer, key, reason and age', async () => {
    await run('list', 'wall', '--key', 'k', '--reason', 'expired', '--older-than', '1h', '--newer-than', '2d');
    assert.deepEqual(asked, [
      { consumer: wall, key: 'k', reason: 'expired', olderThanMs: 3_600_000, newerThanMs: 172_800_000, limit: 100 },
    ]);
  });

  it('asks for those whose key waits for a person, and skips them', async () => {
    await run('list', '--held');
    await run('skip', 'wall', '--held');
    assert.deepEqual(asked, [{ held: true, limit: 100 }]);
    assert.deepEqual(operations.asked, [{ action: 'skip', consumer: wall, query: { held: true } }]);
  });

  it('asks for those of a namespace', async () => {
    await run('list', '-n', 'other');
    assert.deepEqual(asked, [{ namespace: 'other', limit: 100 }]);
  });

  it('shows how many there are of each cause, and the command for a whole group', async () => {
    const times = { first: '2026-11-25T00:00:00.000Z', last: '2026-11-25T01:00:00.000Z' };
    const one = { id: '3f9c01ab42', cause: 'Error: no price for # at menu.ts:12:9', count: 41, ...times };
    const other = { id: '77aa01ab42', cause: 'expired\u001b[2J', count: 1, ...times };
    groups = { items: [{ ...one, sample: fakeLetter('0-17') }, other], more: { groups: 1, letters: 2 }, omitted: 3 };
    const { code, stdout, stderr } = await run('groups', 'wall', '--reason', 'exhausted', '--text', 'price');
    assert.equal(code, 0);
    assertGolden('dead/groups.txt', still(stdout));
    assert.match(stderr, /There is 1 more group with 2 dead letters/);
    assert.match(stderr, /3 older ones are kept beyond what a list holds/);
    assert.match(stderr, /tenfold dead redrive subscription\/wall --group 3f9c01ab42 -n default\n/);
    assert.deepEqual(askedGroups, [{ consumer: wall, reason: 'exhausted', text: 'price', limit: 100 }]);
    const { omitted, more } = JSON.parse((await run('groups', 'wall', '-o', 'json')).stdout);
    assert.deepEqual([omitted, more.letters], [3, 2]);
  });

  it('goes from page to page, and says that there are more', async () => {
    letters = Array.from({ length: 2500 }, (_, index) => fakeLetter(`0-${index}`));
    const some = await run('list', '-o', 'name', '--limit', '1500');
    assert.equal(some.stdout.trim().split('\n').length, 1500);
    assert.match(some.stderr, /There are more/);
    assert.equal((await run('list', '-o', 'name', '--limit', '2500')).stderr, '');
  });

  it('shows everything of one', async () => {
    assertGolden('dead/show.txt', still((await run('show', 'wall', '0-17')).stdout));
    assert.deepEqual(JSON.parse((await run('show', 'wall', '0-17', '-o', 'json')).stdout), letters[0]);
  });

  it('prints the data alone, for an editor', async () => {
    assert.equal((await run('show', 'wall', '0-17', '--data')).stdout, '{"cups":0}\n');
  });

  it('redrives those that are named', async () => {
    const { code, stdout } = await run('redrive', 'wall', '0-17', '1-3');
    assert.deepEqual([code, stdout], [0, 'subscription/wall: 250 redriven\n']);
    assert.deepEqual(taken, [{ action: 'redrive', consumer: wall, ids: ['0-17', '1-3'] }]);
  });

  it('redrives one with the data of a file', async () => {
    writeFileSync(join(admin.folder, 'order.json'), '{"cups":1}');
    const { code } = await run('redrive', 'wall', '0-17', '--edit', 'order.json', '--content-type', 'text/json');
    assert.equal(code, 0);
    const edit = { text: '{"cups":1}', contentType: 'text/json' };
    assert.deepEqual(taken, [{ action: 'redrive', consumer: wall, ids: ['0-17'], edit }]);
  });

  it('purges what a filter finds, and skips all', async () => {
    await run('purge', 'queue/import', '--older-than', '7d');
    await run('skip', 'wall', '--all');
    assert.deepEqual(operations.asked, [
      {
        action: 'purge',
        consumer: { kind: 'Queue', namespace: 'default', name: 'import' },
        query: { olderThanMs: 604_800_000 },
      },
      { action: 'skip', consumer: wall, query: {} },
    ]);
  });

  it('lists each that could not be taken, and ends with 4', async () => {
    failed = [{ id: '0-9', message: 'It has been purged.' }];
    operations.failed = [{ id: '0-9', outcome: 'refused', message: 'It has been purged.' }];
    for (const which of ['--all', '0-9']) {
      const { code, stdout, stderr } = await run('redrive', 'wall', which);
      assert.deepEqual([code, stdout], [4, 'subscription/wall: 249 redriven\n']);
      assert.match(stderr, /1 could not be redriven:\nID +WHY NOT\n0-9 +It has been purged\.\n/);
    }
    assert.deepEqual(JSON.parse((await run('redrive', 'wall', '0-9', '-o', 'json')).stdout).failed, failed);
    const { failed: items } = JSON.parse((await run('redrive', 'wall', '--all', '-o', 'json')).stdout);
    assert.deepEqual(items, operations.failed);
  });

  it('says how many a later release has written, which are left as they are; a command ends with 4 then', async () => {
    letters = Array.from({ length: 1500 }, (_, index) => fakeLetter(`0-${index}`));
    later = { later: 3 };
    const said = /^3 more were written by a later release: kept, .* Finish the upgrade\.\n$/;
    const { code, stderr } = await run('list', '-o', 'name', '--limit', '1500');
    assert.equal(code, 0);
    assert.match(stderr, said);
    assert.equal(JSON.parse((await run('list', '-o', 'json')).stdout).later, 3);
    const redriven = await run('redrive', 'wall', '0-1');
    assert.deepEqual([redriven.code, redriven.stdout], [4, 'subscription/wall: 250 redriven\n']);
    assert.match(redriven.stderr, said);
  });

  it('shows a bar on a terminal, and takes it away', async () => {
    const { stderr } = await admin.run(['dead', 'redrive', 'wall', '0-1'], { talkColumns: 80 });
    assert.match(stderr, /\[=+ +\] 100 of 250 redriven\r\u001b\[2K$/);
  });

  for (const { words, code, says } of mistakes) {
    it(`${words.join(' ')}: ${code}`, async () => {
      const answer = await run(...words);
      assert.match(answer.stderr, says);
      assert.deepEqual([answer.code, answer.stdout, taken], [code, '', []]);
    });
  }
});
