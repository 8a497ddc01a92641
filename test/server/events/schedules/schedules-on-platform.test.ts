// Schedules of a whole platform on real files and sockets: listed, run by hand, paused, resumed, in
// the audit log and in the metrics, and kept over a restart.
import assert from 'node:assert/strict';
import type { ScheduleActionPlan, ScheduleReport } from '../../../../admin/commands/schedule-view.ts';
import type { Page } from '../../../../admin/page.ts';
import { type Platform, startPlatform } from '../../../../server/platform.ts';
import { removeTempFolders, tempFolder } from '../../../cli/temp-folder.ts';
import { eventually } from '../../../eventually.ts';

const APP = `apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: report }
spec: { source: ./report.ts }
---
apiVersion: tenfold.dev/v1alpha1
kind: Queue
metadata: { name: reports }
spec:
  to: { function: report }
  schedules:
    - { name: nightly, cron: "30 2 * * *", timeZone: Europe/Berlin, data: { day: "\${event.time}" }, overlap: skip }
    - { name: off, cron: "@hourly", paused: true }
---
apiVersion: tenfold.dev/v1alpha1
kind: FanOut
metadata: { name: shops }
spec:
  split: "\${event.data.shops}"
  worker: { function: report }
  schedules:
    - { name: weekly, cron: "0 6 * * 1", data: { shops: [north, south] } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: ticks }
spec: { schedules: [{ name: yearly, cron: "@yearly" }] }
`;
const REPORT = `import { event } from 'tenfold';
export default event(({ data }) => ({ seen: data }));
`;
const NIGHTLY = '/schedules/Queue/default/reports/nightly';

describe('schedules on a platform', () => {
  let folder: string;
  let platform: Platform;

  const start = async () => {
    const ports = { public: 0, internal: 0, admin: 0 };
    platform = await startPlatform({ directory: folder, watch: false, host: '127.0.0.1', ports, events: {} });
  };
  before(async () => {
    folder = tempFolder({ 'app.yaml': APP, 'report.ts': REPORT });
    await start();
  });
  after(async () => {
    await platform.close(1000);
    removeTempFolders();
  });

  const ask = async (path: string, method = 'GET', said?: object) => {
    const headers = { authorization: `Bearer ${platform.adminToken}`, 'content-type': 'application/json' };
    const body = said === undefined ? {} : { body: JSON.stringify(said) };
    const answer = await fetch(`${platform.addresses.admin}/api${path}`, { method, headers, ...body });
    return { status: answer.status, body: JSON.parse(await answer.text()) };
  };
  const report = async (path: string, method = 'GET'): Promise<ScheduleReport> => {
    const { status, body } = await ask(path, method);
    assert.equal(status, 200, JSON.stringify(body));
    return body;
  };

  it('are listed with their next times, page by page', async () => {
    const { items, next } = (await ask('/schedules?limit=3')).body as Page<ScheduleReport>;
    const rest = (await ask(`/schedules?limit=3&after=${next}`)).body as Page<ScheduleReport>;
    const all = [...items, ...rest.items];
    assert.deepEqual(
      all.map(({ kind, name, schedule }) => `${kind}/${name}/${schedule}`),
      ['FanOut/shops/weekly', 'Queue/reports/nightly', 'Queue/reports/off', 'Topic/ticks/yearly'],
    );
    const [, nightly, off, yearly] = all;
    assert.equal(nightly?.next.length, 3);
    assert.ok(nightly.next.every(time => /T0[01]:30:00\.000Z$/.test(time)));
    assert.deepEqual([off?.paused, off?.next], ['resource', []]);
    assert.match(yearly?.next[0] ?? '', /-01-01T00:00:00\.000Z$/);
    const ofKind = (await ask('/schedules?kind=Queue&name=reports&namespace=default')).body;
    assert.equal(ofKind.items.length, 2);
  });

  it('run by hand: a job of a Queue, a job of a FanOut, an event of a Topic', async () => {
    const asked = await report(`${NIGHTLY}/run`, 'POST');
    const [run] = asked.runs;
    assert.equal(run?.cause, 'asked');
    await eventually(async () => (await report(NIGHTLY)).runs[0]?.jobState === 'succeeded', 'the job has ended');
    const { body: job } = await ask(`/jobs/default/reports/${run?.job}`);
    assert.deepEqual([job.id, job.attempts], [run?.job, 1]);
    await report('/schedules/FanOut/default/shops/weekly/run', 'POST');
    const weekly = () => report('/schedules/FanOut/default/shops/weekly');
    await eventually(async () => (await weekly()).runs[0]?.jobState === 'succeeded', 'the fan-out has ended');
    const tick = await report('/schedules/Topic/default/ticks/yearly/run', 'POST');
    assert.match(tick.runs[0]?.place ?? '', /^\d+-0$/);
    const { body: story } = await ask(`/topics/default/ticks/events/${tick.runs[0]?.place}/story`);
    assert.match(JSON.stringify(story), /\/schedules\/topics\/ticks\/yearly/);
  });

  it('pause and resume, over a restart, with an entry in the audit log', async () => {
    assert.equal((await report(`${NIGHTLY}/pause`, 'POST')).paused, 'command');
    await platform.close(1000);
    await start();
    const { paused, next, runs } = await report(NIGHTLY);
    assert.deepEqual([paused, next, runs.length], ['command', [], 1]);
    assert.equal((await report(`${NIGHTLY}/resume`, 'POST')).next.length, 3);
    const { body: audit } = await ask('/audit');
    assert.match(JSON.stringify(audit), /POST \/api\/schedules\/Queue\/default\/reports\/nightly\/pause/);
  });

  it('say what is wrong with a name, and with what makes no sense', async () => {
    const typo = await ask('/schedules/Queue/default/reports/nigthly');
    assert.equal(typo.status, 404);
    assert.match(typo.body.detail, /has no schedule "nigthly"\. Did you mean "nightly"\?/);
    assert.equal((await ask('/schedules/View/default/x/y')).status, 400);
    const off = await ask('/schedules/Queue/default/reports/off/resume', 'POST');
    assert.equal(off.status, 409);
    assert.match(off.body.detail, /says "paused: true"/);
  });

  it('are counted', async () => {
    await report(`${NIGHTLY}/run`, 'POST');
    const metrics = await platform.view.metrics();
    assert.match(metrics, /tenfold_schedule_runs_total\{[^}]*schedule="nightly"[^}]*\} 1/);
    assert.match(metrics, /tenfold_schedule_left_out_total\{[^}]*schedule="nightly"[^}]*reason="missed"[^}]*\} 0/);
  });

  it('say what an action would do, and take the token of that once', async () => {
    const plan = async (action: string) =>
      (await ask(`${NIGHTLY}/plan`, 'POST', { action })).body as ScheduleActionPlan;
    const resume = await plan('resume');
    assert.deepEqual([resume.says, resume.token], [['There is nothing to do: it is not paused.'], undefined]);
    const [run, other] = [await plan('run'), await plan('run')];
    assert.match(run.says.join(' '), /^One job of Queue "reports" begins now\./);
    const act = (action: string, token: string | undefined) => ask(`${NIGHTLY}/${action}`, 'POST', { token });
    const { runs: before } = await report(NIGHTLY);
    const both = await Promise.all([act('run', run.token), act('run', other.token)]);
    assert.deepEqual(both.map(({ status }) => status).toSorted(), [200, 409]);
    assert.equal((await report(NIGHTLY)).runs.length, before.length + 1);
    const pause = await plan('pause');
    assert.match(
      pause.says.join(' '),
      /^Nothing runs until somebody resumes it, so the run of \S+:30:00\.000Z is left out\./,
    );
    assert.equal((await act('resume', pause.token)).status, 409);
    assert.equal((await act('pause', pause.token)).body.paused, 'command');
    const late = await act('pause', pause.token);
    assert.equal(late.status, 409);
    assert.match(late.body.detail, /is no longer as the plan saw it/);
    assert.match((await plan('run')).says.join(' '), /It stays paused\./);
    assert.equal((await act('resume', (await plan('resume')).token)).status, 200);
    assert.equal((await ask(`${NIGHTLY}/plan`, 'POST', { action: 'stop' })).status, 400);
  });
});
