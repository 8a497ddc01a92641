// `tenfold views`: how they do, and building one anew while somebody waits or does not.
import assert from 'node:assert/strict';
import type { ViewReport } from '../../../admin/event-view.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { assertGolden } from '../golden.ts';
import { type AdminRun, startAdminRun } from './admin-run.ts';

function report(name: string, more: Partial<ViewReport> = {}): ViewReport {
  return {
    namespace: 'default',
    name,
    generation: '0123456789ab',
    building: undefined,
    state: 'running',
    lastError: undefined,
    behind: 0,
    asOf: '2026-11-25T12:00:00.000Z',
    folded: 40,
    repeated: 1,
    refused: 0,
    deadLetters: 0,
    jumped: 0,
    ...more,
  };
}

describe('views', () => {
  let admin: AdminRun;
  let reports: ViewReport[] = [];
  let looks = 0;
  /** What each look finds. */
  let script: (look: number) => ViewReport[] = () => reports;

  before(async () => {
    admin = await startAdminRun({
      views: async () => script(looks++),
      async rebuildView(namespace, name) {
        if (name === 'orders') return 'ba9876543210';
        throw new TenfoldError('not-found', `There is no View "${name}" in namespace "${namespace}".`);
      },
    });
  });
  after(() => admin.close());
  beforeEach(() => {
    looks = 0;
    reports = [
      report('orders', {
        building: { generation: 'ba9876543210', since: '2026-11-25T12:00:00.000Z', folded: 7, behind: 93 },
      }),
      report('trends', {
        state: 'starting',
        generation: undefined,
        behind: undefined,
        asOf: undefined,
        refused: 1,
        deadLetters: 3,
      }),
    ];
    script = () => reports;
  });
  const run = (...words: string[]) => admin.run(['views', ...words]);

  for (const [golden, words] of [
    ['list', ['list']],
    ['show', ['show', 'orders']],
  ] as const) {
    it(`shows ${golden}`, async () => {
      const { code, stdout, stderr } = await run(...words);
      assert.deepEqual([code, stderr], [0, '']);
      assertGolden(`views/${golden}.txt`, stdout);
    });
  }

  it('says so when there are none, and gives names and data', async () => {
    assert.equal((await run('list', '-o', 'name')).stdout, 'orders\ntrends\n');
    assert.equal(JSON.parse((await run('show', 'orders', '-o', 'json')).stdout).building.behind, 93);
    reports = [];
    assert.deepEqual(await run('list'), { code: 0, stdout: '', stderr: 'No Views.\n' });
  });

  it('begins to build one anew, and says how to follow it', async () => {
    const { code, stdout, stderr } = await run('rebuild', 'orders');
    assert.deepEqual([code, stdout], [0, '']);
    assert.match(
      stderr,
      /Generation ba9876543210 of orders is being built\. Follow it with "tenfold views show orders -n default"/,
    );
  });

  it('waits until it serves', async () => {
    script = look => (look < 2 ? reports : [report('orders', { generation: 'ba9876543210' })]);
    const { code, stdout } = await run('rebuild', 'orders', '--wait', '10s');
    assert.equal(code, 0);
    assert.match(stdout, /ba9876543210/);
  });

  it('waits for one that nobody has noticed yet', async () => {
    script = look => (look < 2 ? [report('orders')] : [report('orders', { generation: 'ba9876543210' })]);
    const { code, stdout } = await run('rebuild', 'orders', '--wait', '10s');
    assert.equal(code, 0);
    assert.match(stdout, /ba9876543210/);
  });

  it('stops waiting when that makes no sense any more, or the time is up', async () => {
    const late = await run('rebuild', 'orders', '--wait', '300ms');
    assert.notEqual(late.code, 0);
    assert.match(late.stderr, /orders has not been built within 300ms; it goes on/);
    looks = 0;
    script = look => (look === 0 ? reports : [report('orders')]);
    const other = await run('rebuild', 'orders', '--wait', '10s');
    assert.notEqual(other.code, 0);
    assert.match(other.stderr, /is not built any more/);
  });

  it('names what is not there, and what was left out', async () => {
    assert.match((await run('rebuild', 'nothing')).stderr, /There is no View "nothing"/);
    assert.match((await run('show', 'nothing')).stderr, /There is no View "nothing"/);
    assert.match((await run('show')).stderr, /It is not said which View/);
  });
});
