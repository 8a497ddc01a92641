// What a schedule does with its due times: missed and overlapping runs, pauses, changes, events
// that the target refuses, and the records that Topics, Queues and FanOuts get.
import assert from 'node:assert/strict';
import { factOf } from '../../../core/fan-outs/facts.ts';
import { encodeScheduleState, type ScheduleState } from '../../../core/schedules/schedule-state.ts';
import { noReminders } from '../../../drivers/store/reminders.ts';
import { compileSchedules, type SchedulePlan } from '../../../worker/schedules/schedule-plan.ts';
import { readState, writeState } from '../../../worker/schedules/step-schedule.ts';
import { resourcesOf } from '../pipelines/harness.ts';
import { createScheduleWorld, drawsOf } from './schedule-world.ts';

const START = Date.parse('2026-12-01T10:00:30Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const QUEUE = 'kind: Queue; metadata: { name: reports }; spec: { to: { url: http://report }, schedules: [SCHEDULE] }';
const TOPIC = 'kind: Topic; metadata: { name: ticks }; spec: { schedules: [SCHEDULE] }';

function planOf(schedule: string, resource = QUEUE): SchedulePlan {
  const [plan] = compileSchedules(resourcesOf(resource.replace('SCHEDULE', `{ name: often, ${schedule} }`)));
  return plan ?? assert.fail('There is no schedule.');
}

function createSite() {
  const world = createScheduleWorld({ random: drawsOf(1), failures: 0, latencyMs: 0 }, START);
  const ended = new Set<string>();
  let everEnds = true;
  const start = (...plans: SchedulePlan[]) =>
    world.startProcess(plans, async (_plan, job) => everEnds || ended.has(job));
  const stateOf = async (plan: SchedulePlan): Promise<ScheduleState> =>
    (await readState({ store: world.store }, plan))?.state ?? assert.fail('It has no state.');
  return {
    ...world,
    start,
    stateOf,
    ended,
    holdJobs: () => {
      everEnds = false;
    },
    minutes: () => world.records.map(({ headers }) => headers['ce_id']?.slice(11, 16)),
    leftOut: () =>
      world.told.leftOut.map(({ why, count, atLeast }) => ({ why, count, ...(atLeast ? { atLeast } : {}) })),
    async change(plan: SchedulePlan, change: (state: ScheduleState) => ScheduleState) {
      const stored = (await readState({ store: world.store }, plan)) ?? assert.fail('It has no state.');
      const site = { store: world.store, reminders: noReminders };
      assert.ok(await writeState(site, plan, change(stored.state), stored));
    },
  };
}

describe('a schedule', () => {
  it('begins with the first due time after it was declared', async () => {
    const site = createSite();
    site.start(planOf('cron: "*/5 * * * *"'));
    await site.time.pass(11 * MINUTE);
    assert.deepEqual(site.minutes(), ['10:05', '10:10']);
    assert.ok(site.told.runs.every(({ at, due }) => at - due <= 2_000));
  });

  for (const [missed, runs, leftOut] of [
    ['skip', ['13:00'], [{ why: 'missed', count: 2 }]],
    ['one', ['12:00', '13:00'], [{ why: 'missed', count: 1 }]],
    ['all', ['11:00', '12:00', '13:00'], []],
  ] as const)
    it(`treats what was due while no process ran as "missed: ${missed}" says`, async () => {
      const site = createSite();
      const plan = planOf(`cron: "0 * * * *", missed: ${missed}`);
      const first = site.start(plan);
      await site.time.pass(MINUTE);
      first.kill();
      await site.time.pass(2 * HOUR + 58 * MINUTE + 30_000);
      site.start(plan);
      await site.time.pass(30_000);
      assert.deepEqual(site.minutes(), runs);
      assert.deepEqual(site.leftOut(), leftOut);
      assert.deepEqual(
        (await site.stateOf(plan)).leftOut.map(({ why, count }) => ({ why, count })),
        leftOut,
      );
    });

  it('makes up for the last hundred at most, and says how many it has left out', async () => {
    const site = createSite();
    const plan = planOf('cron: "* * * * *", missed: all');
    const first = site.start(plan);
    await site.time.pass(1_000);
    first.kill();
    await site.time.pass(50 * HOUR);
    site.start(plan);
    await site.time.pass(20_000);
    assert.equal(site.records.length, 101);
    assert.deepEqual(site.leftOut(), [{ why: 'missed', count: 1_900, atLeast: true }]);
    assert.equal(new Set(site.minutes()).size, 101);
    assert.equal(site.records.at(-1)?.headers['ce_time'], '2026-12-03T12:00:00.000Z');
  });

  it('runs each of two due times beside the other with "overlap: allow"', async () => {
    const site = createSite();
    site.holdJobs();
    site.start(planOf('cron: "*/5 * * * *"'));
    await site.time.pass(11 * MINUTE);
    assert.equal(site.records.length, 2);
  });

  it('leaves out what is due while the job before goes on, with "overlap: skip"', async () => {
    const site = createSite();
    site.holdJobs();
    site.start(planOf('cron: "*/5 * * * *", overlap: skip'));
    await site.time.pass(16 * MINUTE);
    assert.deepEqual(site.minutes(), ['10:05']);
    assert.deepEqual(site.leftOut(), [
      { why: 'overlap', count: 1 },
      { why: 'overlap', count: 1 },
    ]);
    site.ended.add(site.told.runs[0]?.job ?? '');
    await site.time.pass(5 * MINUTE);
    assert.deepEqual(site.minutes(), ['10:05', '10:20']);
  });

  it('lets what is due wait for the job before, with "overlap: queue"', async () => {
    const site = createSite();
    const plan = planOf('cron: "*/5 * * * *", overlap: queue');
    site.holdJobs();
    site.start(plan);
    await site.time.pass(16 * MINUTE);
    assert.deepEqual(site.minutes(), ['10:05']);
    assert.equal((await site.stateOf(plan)).pending.length, 2);
    site.ended.add(site.told.runs[0]?.job ?? '');
    await site.time.pass(5_000);
    assert.deepEqual(site.minutes(), ['10:05', '10:10']);
    await site.time.pass(5_000);
    assert.equal(site.records.length, 2);
  });

  it('runs nothing while it is paused by its resource, and makes up for nothing after that', async () => {
    const site = createSite();
    const paused = planOf('cron: "*/5 * * * *", missed: all, paused: true');
    const { runner } = site.start(paused);
    await site.time.pass(11 * MINUTE);
    assert.equal(site.records.length, 0);
    runner.apply([planOf('cron: "*/5 * * * *", missed: all')]);
    await site.time.pass(5 * MINUTE);
    assert.deepEqual(site.minutes(), ['10:15']);
    assert.deepEqual(site.leftOut(), []);
  });

  it('runs what a person asks for while it is paused and the job before goes on', async () => {
    const site = createSite();
    site.holdJobs();
    const plan = planOf('cron: "*/5 * * * *", overlap: queue');
    const { runner } = site.start(plan);
    await site.time.pass(6 * MINUTE);
    await site.change(plan, state => ({
      ...state,
      pausedAt: 1,
      pending: [{ id: 'asked-1', due: site.time.now(), cause: 'asked' }],
    }));
    const step = runner.step(plan);
    await site.time.pass(10);
    await step;
    await site.time.pass(10 * MINUTE);
    assert.deepEqual(
      site.told.runs.map(({ cause }) => cause),
      ['due', 'asked'],
    );
  });

  it('goes on with another pattern from the moment of the change', async () => {
    const site = createSite();
    const { runner } = site.start(planOf('cron: "*/5 * * * *", missed: all'));
    await site.time.pass(6 * MINUTE);
    runner.apply([planOf('cron: "*/2 * * * *", missed: all')]);
    await site.time.pass(4 * MINUTE);
    assert.deepEqual(site.minutes(), ['10:05', '10:08', '10:10']);
  });

  it('forgets the state of a schedule that is taken away', async () => {
    const site = createSite();
    const { runner } = site.start(planOf('cron: "*/5 * * * *"'));
    await site.time.pass(6 * MINUTE);
    runner.apply([]);
    await site.time.pass(6 * MINUTE);
    assert.equal(site.records.length, 1);
    assert.equal(site.store.entries.size, 0);
  });

  it('records an event that the target refuses, and goes on with the next due time', async () => {
    const site = createSite();
    const schema = 'schema: { properties: { due: { pattern: "T10:10" } } }';
    site.start(planOf('cron: "*/5 * * * *"', TOPIC.replace('spec: {', `spec: { ${schema},`)));
    await site.time.pass(11 * MINUTE);
    assert.deepEqual(site.minutes(), ['10:10']);
    assert.match(site.told.runs[0]?.error ?? '', /does not match its schema: at \/due/);
    assert.equal(site.told.runs[1]?.error, undefined);
  });

  it('refuses the state of a later release', async () => {
    const site = createSite();
    const plan = planOf('cron: "*/5 * * * *"');
    site.start(plan);
    await site.time.pass(1_000);
    const state = await site.stateOf(plan);
    const value = encodeScheduleState(state).replace('"v":1', '"v":2');
    await site.store.put('schedules/default/Queue/reports', 'often', value, { ttlMs: HOUR });
    await site.time.pass(6 * MINUTE);
    assert.equal(site.records.length, 0);
    assert.match(String(site.told.troubles[0]), /later release/);
  });
});

describe('what a process knows of a schedule', () => {
  it('runs by the state as it left it, and does not read it anew', async () => {
    const site = createSite();
    let reads = 0;
    const { get } = site.store;
    site.store.get = (...asked) => {
      reads++;
      return get(...asked);
    };
    site.start(planOf('cron: "*/5 * * * *"'));
    await site.time.pass(MINUTE);
    const before = reads;
    await site.time.pass(HOUR);
    assert.equal(site.records.length, 12);
    assert.equal(reads - before, 0);
  });

  it('obeys what another process has written, whatever it remembers itself', async () => {
    const site = createSite();
    const plan = planOf('cron: "*/5 * * * *"');
    site.start(plan);
    await site.time.pass(6 * MINUTE);
    assert.deepEqual(site.minutes(), ['10:05']);
    await site.change(plan, state => ({ ...state, pausedAt: site.time.now() }));
    await site.time.pass(10 * MINUTE);
    assert.deepEqual(site.minutes(), ['10:05']);
    await site.change(plan, ({ pausedAt: _, ...state }) => state);
    await site.time.pass(10 * MINUTE);
    assert.deepEqual(site.minutes(), ['10:05', '10:20', '10:25']);
  });
});

describe('the runs of a schedule', () => {
  it('are events of the schedule in a Topic, with the due time as time and id', async () => {
    const site = createSite();
    site.start(planOf('cron: "*/5 * * * *", type: Nightly, data: { at: "${event.time}", kind: daily }', TOPIC));
    await site.time.pass(5 * MINUTE);
    const [record] = site.records;
    assert.deepEqual(record?.headers, {
      ce_specversion: '1.0',
      ce_id: '2026-12-01T10:05:00.000Z',
      ce_source: '/schedules/topics/ticks/often',
      ce_type: 'Nightly',
      ce_time: '2026-12-01T10:05:00.000Z',
      'content-type': 'application/json',
    });
    assert.deepEqual(JSON.parse(Buffer.from(record?.value ?? '').toString()), {
      at: '2026-12-01T10:05:00.000Z',
      kind: 'daily',
    });
  });

  it('are jobs of a Queue, the same job for the same due time', async () => {
    const site = createSite();
    site.start(planOf('cron: "*/5 * * * *"'));
    await site.time.pass(5 * MINUTE);
    const [record] = site.records;
    const nonce = record?.headers['tenfold-job'];
    assert.match(nonce ?? '', /^[0-9a-f]{16}$/);
    assert.equal(record?.headers['tenfold-once'], String(24 * HOUR));
    assert.equal(site.told.runs[0]?.job, `0-0-${nonce}`);
    assert.deepEqual(JSON.parse(Buffer.from(record?.value ?? '').toString()), {
      schedule: 'often',
      due: '2026-12-01T10:05:00.000Z',
    });
  });

  it('are jobs of a FanOut', async () => {
    const site = createSite();
    const fanOut =
      'kind: FanOut; metadata: { name: all }; spec: { split: "${event.data.shops}", worker: { url: http://shop }, schedules: [SCHEDULE] }';
    site.start(planOf('cron: "*/5 * * * *", data: { shops: [a, b] }', fanOut));
    await site.time.pass(5 * MINUTE);
    const [record] = site.records;
    assert.deepEqual(record && factOf(record), { kind: 'start', owner: '' });
    assert.equal(site.told.runs[0]?.job, `0-0-${record?.key}`);
  });
});
