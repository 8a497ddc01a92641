// `tenfold schedules`: what is listed and shown, and what pause, resume and run say.
import assert from 'node:assert/strict';
import type { ScheduleName, ScheduleReport } from '../../../admin/commands/schedule-view.ts';
import { noEvents } from '../../../admin/no-events.ts';
import { assertGolden } from '../golden.ts';
import { type AdminRun, startAdminRun } from './admin-run.ts';

const nightly: ScheduleReport = {
  kind: 'Queue',
  namespace: 'default',
  name: 'reports',
  schedule: 'nightly',
  cron: '30 2 * * *',
  timeZone: 'Europe/Berlin',
  missed: 'one',
  overlap: 'skip',
  next: ['2199-12-02T01:30:00.000Z', '2199-12-03T01:30:00.000Z', '2199-12-04T01:30:00.000Z'],
  waiting: 0,
  runs: [
    {
      id: '2026-12-01T01:30:00.000Z',
      due: '2026-12-01T01:30:00.000Z',
      cause: 'due',
      at: '2026-12-01T01:30:00.120Z',
      outcome: 'handed-over',
      place: '0-7',
      job: '0-7-5f0c9b1d2a3e4f60',
      jobState: 'succeeded',
    },
    {
      id: '2026-11-30T01:30:00.000Z',
      due: '2026-11-30T01:30:00.000Z',
      cause: 'missed',
      at: '2026-11-30T08:00:01.000Z',
      outcome: 'refused',
      error: 'The data does not match its schema.',
    },
  ],
  leftOut: [{ at: '2026-11-30T08:00:01.000Z', why: 'missed', count: 3, from: '2026-11-27T01:30:00.000Z' }],
};
const weekly: ScheduleReport = {
  kind: 'Topic',
  namespace: 'default',
  name: 'ticks',
  schedule: 'weekly',
  cron: '@weekly',
  timeZone: 'UTC',
  missed: 'skip',
  paused: 'command',
  next: [],
  waiting: 0,
  runs: [],
  leftOut: [],
};

describe('schedules', () => {
  let admin: AdminRun;
  let all: readonly ScheduleReport[] = [];
  const asked: string[] = [];
  const answer = (action: string, change: (found: ScheduleReport) => ScheduleReport) => async (name: ScheduleName) => {
    asked.push(`${action} ${name.kind}/${name.namespace}/${name.name}/${name.schedule}`);
    return change(all.find(({ kind, schedule }) => kind === name.kind && schedule === name.schedule) ?? nightly);
  };

  before(async () => {
    admin = await startAdminRun({
      schedules: {
        ...noEvents.schedules,
        list: async ({ name }) => ({ items: all.filter(each => name === undefined || each.name === name) }),
        read: answer('read', found => found),
        pause: answer('pause', found => ({ ...found, paused: 'command', next: [] })),
        resume: answer('resume', found => found),
        run: answer('run', found => ({ ...found, runs: found.runs.map(run => ({ ...run, cause: 'asked' as const })) })),
      },
    });
  });
  after(() => admin.close());
  beforeEach(() => {
    all = [nightly, weekly];
    asked.length = 0;
  });
  const run = (...words: string[]) => admin.run(['schedules', ...words]);

  it('lists them with what became of the last run', async () => {
    const { stdout } = await run('list');
    const lines = stdout.split('\n');
    assert.match(lines[0] ?? '', /^SCHEDULE +DUE +TIME ZONE +STATE +NEXT IN +LEFT OUT +LAST RUN$/);
    assert.match(
      lines[1] ?? '',
      /^queue\/reports\/nightly +30 2 \* \* \* +Europe\/Berlin +running +\S+ +3 +.* ago, succeeded$/,
    );
    assert.match(lines[2] ?? '', /^topic\/ticks\/weekly +@weekly +UTC +paused +- +0 +-$/);
    assert.equal((await run('list', '-o', 'name')).stdout, 'queue/reports/nightly\ntopic/ticks/weekly\n');
    assert.equal(JSON.parse((await run('list', '-o', 'json')).stdout).items.length, 2);
    all = [];
    assert.equal((await run('list')).stderr, 'No schedules.\n');
  });

  it('shows one with its runs and what was left out', async () => {
    assertGolden('schedules/show.txt', (await run('show', 'queue/reports/nightly')).stdout);
    assert.match((await run('show', 'ticks/weekly')).stdout, /State +paused\n.*\n.*\n\nNo runs yet\./);
  });

  it('pauses, resumes and runs, and says how to go on', async () => {
    const paused = await run('pause', 'reports/nightly');
    assert.equal(paused.stdout, 'queue/reports/nightly: paused\n');
    assert.match(paused.stderr, /"tenfold schedules resume queue\/reports\/nightly -n default"/);
    assert.match((await run('resume', 'reports/nightly')).stdout, /nightly: runs next at 2199-12-02T01:30:00\.000Z/);
    const begun = await run('run', 'queue/reports/nightly');
    assert.equal(begun.stdout, 'queue/reports/nightly: began job 0-7-5f0c9b1d2a3e4f60\n');
    assert.match(begun.stderr, /"tenfold jobs wait reports 0-7-5f0c9b1d2a3e4f60 -n default"/);
    assert.deepEqual(asked, [
      'pause Queue/default/reports/nightly',
      'resume Queue/default/reports/nightly',
      'run Queue/default/reports/nightly',
    ]);
  });

  for (const [words, code, says] of [
    [['pause'], 2, /not said which schedule/],
    [['pause', 'nightly'], 2, /"nightly" is no name of a schedule/],
    [['run', 'view/reports/nightly'], 2, /no name of a schedule/],
    [['show', 'reports/nigthly'], 3, /Did you mean "nightly"\?/],
  ] as const)
    it(`refuses ${words.join(' ')}`, async () => {
      const { code: ended, stderr } = await run(...words);
      assert.match(stderr, says);
      assert.equal(ended, code);
    });

  it('asks which one where two are called so', async () => {
    all = [nightly, { ...nightly, namespace: 'other' }];
    const { code, stderr } = await run('pause', 'reports/nightly');
    assert.equal(code, 2);
    assert.match(stderr, /queue\/reports\/nightly -n default or queue\/reports\/nightly -n other/);
  });
});
