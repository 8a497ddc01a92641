// Selections of `tenfold dead` and `tenfold parked`: operations of the server, planned, started and
// followed to their end.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fakeConsumer } from '../../fakes/consumer-report.ts';
import { createFakeOperations } from '../../fakes/fake-operations.ts';
import { type AdminRun, startAdminRun } from './admin-run.ts';

const TEXT_HINT = /^No dead letter matched\.\n--text is compared with the cause as "tenfold dead groups" shows it/;

describe('selections', () => {
  let admin: AdminRun;
  const operations = createFakeOperations();
  const wall = { kind: 'Subscription', namespace: 'default', name: 'wall' };

  before(async () => {
    admin = await startAdminRun({ operations, consumers: async () => [fakeConsumer('wall', { state: 'paused' })] });
  });
  after(() => admin.close());
  beforeEach(() => {
    operations.asked.length = 0;
    operations.next = { total: 250, notes: [] };
  });
  const run = (...words: string[]) => admin.run(['dead', ...words]);

  it('redrives a group, and ends with 4 where older ones are beyond its reach', async () => {
    operations.next = { total: 3, notes: ['7 older dead letters cannot be reached.'] };
    const { code, stdout, stderr } = await run('redrive', 'wall', '--group', '3f9c01ab42', '--rate', '50');
    assert.deepEqual(
      [code, stdout, stderr],
      [4, 'subscription/wall: 3 redriven\n', '7 older dead letters cannot be reached.\n'],
    );
    assert.deepEqual(operations.asked, [
      { action: 'redrive', consumer: wall, query: { group: '3f9c01ab42' }, rate: 50 },
    ]);
    assert.deepEqual(operations.started.at(-1), '2026-11-30-1f0c9a3e 5d41402abc4b2a76');
  });

  it('only plans with --dry-run, and says how to start it', async () => {
    operations.started.length = 0;
    const { code, stdout, stderr } = await run('redrive', 'wall', '--all', '--dry-run');
    assert.equal(code, 0);
    assert.match(
      stdout,
      /^2026-11-30-1f0c9a3e {2}redrive\nOf +subscription\/wall\nState +planned\nItems +250: 0 redriven/,
    );
    assert.match(stderr, /tenfold operations start 2026-11-30-1f0c9a3e -n default --plan 5d41402abc4b2a76/);
    assert.deepEqual(operations.started, []);
  });

  it('redrives a selection with a merge patch of the data of each', async () => {
    writeFileSync(join(admin.folder, 'patch.json'), '{"cups":1}');
    const { stdout } = await run('redrive', 'wall', '--all', '--merge', 'patch.json');
    assert.equal(stdout, 'subscription/wall: 250 redriven with other data\n');
    assert.deepEqual(operations.asked, [{ action: 'edit', consumer: wall, query: {}, edit: { merge: { cups: 1 } } }]);
  });

  it('of parked keys say when the attempts are made, where that is not at once', async () => {
    const { code, stdout, stderr } = await admin.run(['parked', 'retry', 'wall', '--all']);
    assert.deepEqual([code, stdout], [0, 'subscription/wall: 250 tried now\n']);
    assert.match(stderr, /^It is paused: /);
  });

  for (const [command, actions, filters] of [
    ['dead', ['redrive', 'skip', 'purge', 'list'], ['--text', '--group', '--reason', '--older-than', '--newer-than']],
    ['parked', ['retry', 'give-up', 'list'], ['--text', '--reason', '--older-than', '--newer-than']],
  ] as const)
    for (const filter of filters)
      for (const action of actions)
        it(`${command} ${action} refuses ${filter} of a variable that is not set`, async () => {
          const { code, stdout, stderr } = await admin.run([command, action, 'wall', filter, '']);
          assert.deepEqual([code, stdout, operations.asked], [2, '', []]);
          assert.match(
            stderr,
            filter === '--reason' ? /Allowed choices are/ : /is empty.*See whether a variable is set/,
          );
        });

  it('of an empty key take the events whose key is empty, and no others', async () => {
    await run('purge', 'wall', '--key', '');
    assert.deepEqual(operations.asked, [{ action: 'purge', consumer: wall, query: { key: '' } }]);
  });

  for (const more of [['--dry-run'], []])
    it(`that match nothing say so${more.length > 0 ? ', also where they are only planned' : ''}`, async () => {
      operations.started.length = 0;
      operations.next = { total: 0, notes: [] };
      const { code, stdout, stderr } = await run('redrive', 'wall', '--group', 'zzz', ...more);
      assert.deepEqual([code, stdout, stderr], [0, 'subscription/wall: 0 redriven\n', 'No dead letter matched.\n']);
      assert.match((await run('purge', 'wall', '--text', 'price for 12', ...more)).stderr, TEXT_HINT);
      assert.deepEqual(operations.started, []);
    });
});
