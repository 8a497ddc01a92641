// Schedules under kills, failing calls and clocks that differ and jump: several processes race for
// each run. No run is twice in the log, and none is lost that was not counted as left out.
import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { decodeScheduleState, type ScheduleState } from '../../../core/schedules/schedule-state.ts';
import { compileSchedules } from '../../../worker/schedules/schedule-plan.ts';
import { readState } from '../../../worker/schedules/step-schedule.ts';
import { resourcesOf } from '../pipelines/harness.ts';
import { createScheduleWorld, drawsOf, type Process } from './schedule-world.ts';

const START = Date.parse('2027-03-28T00:30:00Z');
const MINUTE = 60_000;

function plansOf(missed: string) {
  const schedule = `{ name: often, cron: "*/2 * * * *", timeZone: Europe/Berlin, missed: ${missed}, jitter: 20s }`;
  return compileSchedules(resourcesOf(`kind: Topic; metadata: { name: ticks }; spec: { schedules: [${schedule}] }`));
}

/** All due times that were decided between two states. */
function dueAfter(from: number, to: number, plan: ReturnType<typeof plansOf>[number]): string[] {
  const all: string[] = [];
  for (let time = plan.rules.times.next(from); time !== undefined && time <= to; time = plan.rules.times.next(time))
    all.push(new Date(time).toISOString());
  return all;
}

async function race(seed: number, missed: string, jumps: boolean) {
  const random = drawsOf(seed);
  const faults = {
    random,
    failures: random() < 0.5 ? 0 : 0.1,
    latencyMs: [5, 200, 3_000][Math.floor(random() * 3)] ?? 5,
  };
  const world = createScheduleWorld(faults, START);
  const plans = plansOf(missed);
  const [plan] = plans;
  assert.ok(plan);
  const key = `schedules/default/Topic/ticks\noften`;
  let first: ScheduleState | undefined;
  const observe = () => {
    const entry = world.store.entries.get(key);
    if (entry) first ??= decodeScheduleState(entry.value, key);
  };
  let processes: Process[] = Array.from({ length: 2 + Math.floor(random() * 2) }, () => world.startProcess(plans));
  while (first === undefined) {
    await world.time.pass(50);
    observe();
  }
  for (let step = 0; step < 24; step++) {
    await world.time.pass(Math.floor(random() * 2 * MINUTE));
    observe();
    const [victim] = processes;
    const chance = random();
    if (chance < 0.25 && victim) {
      victim.kill();
      processes = processes.slice(1);
    } else if (chance < 0.5) processes.push(world.startProcess(plans));
    for (const each of processes) each.skew = (random() - 0.5) * 10 * MINUTE;
    if (jumps && random() < 0.2) world.clock.storeSkew += Math.floor((random() - 0.4) * 12 * MINUTE);
    if (processes.length > 4) processes.shift()?.kill();
  }
  // Everything heals: whatever was begun comes to its end.
  Object.assign(faults, { failures: 0, latencyMs: 5 });
  world.startProcess(plans);
  for (let round = 0; round < 4; round++) await world.time.pass(2 * MINUTE);
  observe();
  const last = await readState({ store: world.store }, plan);
  assert.ok(first && last);
  return { world, plan, first, last: last.state };
}

describe('racing runners of schedules', function () {
  this.timeout(600_000);

  for (const missed of ['skip', 'one', 'all'] as const)
    for (const jumps of [false, true])
      it(`run each due time once, with missed: ${missed}${jumps ? ' and a clock that jumps' : ''}`, () =>
        fc.assert(
          fc.asyncProperty(fc.integer(), async seed => {
            const { world, plan, first, last } = await race(seed, missed, jumps);
            const ids = world.records.map(({ headers }) => headers['ce_id'] ?? '');
            assert.equal(new Set(ids).size, ids.length, 'no run is twice in the log');
            assert.deepEqual(last.pending, []);
            const due = dueAfter(first.cursor, last.cursor, plan);
            assert.deepEqual(
              ids.filter(id => !due.includes(id)),
              [],
              'nothing runs that is not due',
            );
            const lost = due.length - ids.length;
            if (missed === 'all') assert.equal(lost, 0);
            const leftOut = last.leftOut.reduce((sum, { count }) => sum + count, 0);
            if (last.leftOut.length < 10) assert.equal(leftOut, lost, 'what is not run is counted');
            assert.ok(last.cursor >= world.time.now() + world.clock.storeSkew - plan.rules.delayMs - 3 * MINUTE);
          }),
          { numRuns: 8 },
        ));
});
