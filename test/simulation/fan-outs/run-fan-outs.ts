// One simulated run of a fan-out: jobs begin, owners overlap, die and come back, log, store and
// functions fail, a person cancels and redrives;
// then all heals, what failed is redriven, and everything is looked at.

import { toFactRecord } from '../../../core/fan-outs/facts.ts';
import { FAN_OUT_PARTITIONS } from '../../../core/fan-outs/layout.ts';
import { partitionOf } from '../../../drivers/event-log/partitioner.ts';
import type { SimulatedProcess } from '../kernel/process.ts';
import { Simulation } from '../kernel/simulation.ts';
import { SimulatedBroker } from '../log/broker.ts';
import { type LogFaults, NO_LOG_FAULTS } from '../log/log-faults.ts';
import { SimulatedLog } from '../log/simulated-log.ts';
import type { SimulatedRun } from '../runner/simulated-run.ts';
import { SimulatedState } from '../store/simulated-state.ts';
import { SimulatedStore, type StoreFaults } from '../store/simulated-store.ts';
import type { Compared } from '../stories/compared.ts';
import { FanOutAsker } from '../stories/fan-out-asker.ts';
import { disturb, settle } from '../trouble/disturb.ts';
import { drawLogFaults, drawRate } from '../trouble/draw-log-faults.ts';
import { Owners } from '../trouble/owners.ts';
import { drawRules } from './draw-rules.ts';
import { type BegunJob, type Evidence, isQuiet, jobOf, judgeJobs } from './judge-jobs.ts';
import { Outside } from './outside.ts';
import { ENDED, ownFanOut, topicsOf } from './own.ts';

const TROUBLE_MS = 60_000;
const HEALED_MS = 600_000;
const MOST_JOBS = 8;
const MOST_ITEMS = 9;

/** What is fixed in place of what is drawn. */
export interface FanOutFocus {
  /** Of each job. */
  readonly deadlineMs?: number;
  readonly log?: Partial<LogFaults>;
  /** A person who hears that a job has not succeeded redrives it within this, milliseconds. */
  readonly redrivesWithinMs?: number;
}

export function runFanOuts(
  seed: number,
  { deadlineMs, log: fixed, redrivesWithinMs }: FanOutFocus = {},
  unfenced = false,
): SimulatedRun & { readonly stories: Compared } {
  const simulation = new Simulation(seed);
  const { chance } = simulation;
  const drawn = drawRules(chance);
  const rules = { ...drawn.settings.rules, ...(deadlineMs === undefined ? {} : { deadlineMs }) };
  const settings = { ...drawn.settings, rules };
  const mostFaults = {
    ...{ slow: 0.05, appendRefused: 0.1, appendFails: 0.1, appendUnknown: 0.1, appendHalf: 0.1, appendLate: 0.1 },
    ...{ commitFails: 0.2, commitLate: 0.2, readFails: 0.1, callFails: 0.05, gap: 0.2, overlap: 0.8, shuffle: 0.5 },
  };
  const broker = new SimulatedBroker(simulation, {
    ...drawLogFaults(chance, mostFaults, { slowMs: 3_000 }),
    ...fixed,
  });
  const state = new SimulatedState(() => simulation.now);
  state.fenced = !unfenced;
  const storeFaults: StoreFaults = { latencyMs: 20, fails: drawRate(chance, 'store fails', 0.2) };
  const outside = new Outside(simulation);
  outside.flaky = drawRate(chance, 'flaky', 0.4);
  outside.broken = drawRate(chance, 'broken', 0.2);
  const sights = new Set<string>();
  broker.ensureTopic(settings.layout.facts, { partitions: FAN_OUT_PARTITIONS });
  for (const topic of topicsOf(settings)) broker.ensureTopic(topic, { partitions: 2 });
  broker.ensureTopic(ENDED, { partitions: 1 });

  const begun: BegunJob[] = [];
  const tell = (
    job: BegunJob,
    fact: Parameters<typeof toFactRecord>[2],
    value?: Uint8Array,
    headers?: Record<string, string>,
  ) => broker.append(settings.layout.facts, [toFactRecord(job.nonce, job.partition, fact, value, headers)], 'door');
  const event = { ce_specversion: '1.0', ce_id: '1', ce_source: '/s', ce_type: 't' };
  const begin = () => {
    const nonce = `${begun.length}`.padStart(16, '0');
    // Few partitions, so that jobs meet.
    const partition = partitionOf(nonce, FAN_OUT_PARTITIONS) % 2;
    const job: BegunJob = { nonce, partition, items: chance.int('items', 0, MOST_ITEMS), cancelled: false };
    begun.push(job);
    const start = () => tell(job, { kind: 'start', owner: '' }, Buffer.from(String(job.items)), event);
    start();
    // Whoever was not answered asks again, at once or when the job is under way.
    if (chance.happens('begun twice', 0.3)) simulation.after(chance.int('again', 0, 15_000), 'begin again', start);
    if (begun.length < MOST_JOBS) simulation.after(chance.int('beginning', 10, 8_000), 'begin', begin);
  };
  begin();
  const asker = new FanOutAsker({ simulation, broker, state, settings, begun, seed, saw: sight => sights.add(sight) });
  asker.start();

  const start = (process: SimulatedProcess) => {
    const log = new SimulatedLog(broker, process);
    const store = new SimulatedStore(state, process, storeFaults);
    const site = { world: process.world, log, store, blobs: undefined, settings };
    ownFanOut({ site, process, outside, drawn, saw: sight => sights.add(sight) });
  };
  const owners = new Owners({ simulation, start });
  owners.start();
  owners.start();

  let lossy = false;
  const once = (): undefined => {
    const act = chance.pick('disturbance', [
      'kill',
      'pause',
      'fail over',
      'replicate',
      'join',
      'cancel',
      'redrive',
      'redrive',
    ]);
    const job = begun[chance.int('whose', 0, begun.length - 1)];
    if (act === 'kill') owners.killFirst();
    if (act === 'fail over' && chance.happens('really', 0.5)) {
      state.failOver();
      lossy = true;
      sights.add('the store forgets');
    }
    if (act === 'replicate') state.replicate();
    if (act === 'cancel' && job && chance.happens('cancels', 0.3)) {
      job.cancelled = true;
      tell(job, { kind: 'cancel' });
    }
    if (act === 'redrive' && job) {
      const standing = jobOf(evidence(), job)?.state;
      if (standing === 'failed' || standing === 'expired') sights.add(`${standing} is redriven in trouble`);
      tell(job, { kind: 'redrive' });
    }
    if (act === 'pause') owners.pauseFirst(15_000);
    owners.keepUp(act === 'join');
  };
  if (redrivesWithinMs !== undefined) {
    broker.watches.push((topic, _, { key }) => {
      const job = begun.find(({ nonce }) => topic === ENDED && key?.endsWith(nonce));
      if (job === undefined || simulation.now > TROUBLE_MS) return;
      const redrive = () => tell(job, { kind: 'redrive' });
      simulation.after(chance.int('redrives within', 0, redrivesWithinMs), 'redrive', redrive);
    });
  }
  // At the worst moment: a task is on its way, and the state that it is for is lost.
  if (chance.happens('forgets when it hands on', 0.3)) {
    broker.watches.push(topic => {
      // What is lost is the last moment, not everything.
      if (topic === settings.layout.facts && chance.happens('replicates', 0.2)) state.replicate();
      const handsOn = topic === settings.layout.gathers || topic === settings.layout.splits;
      if (!handsOn || simulation.now > TROUBLE_MS || !chance.happens('forgets', 0.3)) return;
      simulation.after(chance.int('forgets in', 0, 60), 'forget', () => {
        state.failOver();
        lossy = true;
        sights.add('the store forgets why a task was made');
      });
    });
  }
  const evidence = (): Evidence => ({ broker, state, outside, settings, begun, lossy });
  disturb({ simulation, until: TROUBLE_MS, firstAfter: 1_000, every: [100, 6_000], once });
  simulation.run(TROUBLE_MS + 1);

  broker.faults = { ...NO_LOG_FAULTS };
  storeFaults.fails = 0;
  outside.flaky = 0;
  outside.broken = 0;
  const { quorum } = settings.rules.completion;
  const most = quorum && 'count' in quorum ? quorum.count : 0;
  /** What ends so is not taken up again. A job with less items than its quorum can only fail. */
  const isHappy = (job: BegunJob) => {
    const standing = jobOf(evidence(), job)?.state;
    return standing === 'succeeded' || standing === 'cancelled' || (standing === 'failed' && job.items < most);
  };
  // Those that had too little time are redriven until they have enough.
  const redriveAll = () => {
    for (const job of begun) {
      const standing = jobOf(evidence(), job)?.state;
      if (isHappy(job) || (standing !== 'failed' && standing !== 'expired')) continue;
      tell(job, { kind: 'redrive' });
    }
    if (simulation.now < TROUBLE_MS + HEALED_MS) simulation.after(40_000, 'redrive all', redriveAll);
  };
  simulation.after(10_000, 'redrive all', redriveAll);
  const isDone = () => isQuiet(evidence()) && begun.every(isHappy);
  const done = settle(simulation, { deadline: TROUBLE_MS + HEALED_MS, every: 200, isRight: isDone });
  const unhappy = begun.filter(job => !isHappy(job));
  const stuck = done ? undefined : `never done: ${JSON.stringify(unhappy.map(job => [job, jobOf(evidence(), job)]))}`;
  const judged = stuck ?? judgeJobs(evidence());
  asker.askAtLast();
  const wrong = judged ?? asker.wrong;
  return { wrong, sights, trace: chance.trace, steps: simulation.steps, stories: asker.compared };
}
