// One simulated run of a pipeline: events come, owners overlap, die and come back, log, store and
// function fail; then all heals, and the results are compared.

import { deadTopicOf, pipelineGroupOf, topicOf } from '../../../core/names.ts';
import type { Store } from '../../../drivers/store/store.ts';
import { silentObserver } from '../../../worker/dispatch/observer.ts';
import type { StageObserver } from '../../../worker/fold/stage.ts';
import { runPipeline } from '../../../worker/pipelines/run-pipeline.ts';
import type { PipelinePlan } from '../../../worker/plan/compile-pipelines.ts';
import { readerTopicOf } from '../../../worker/plan/reader-topic.ts';
import type { SimulatedProcess } from '../kernel/process.ts';
import { Simulation } from '../kernel/simulation.ts';
import { SimulatedBroker } from '../log/broker.ts';
import { type LogFaults, NO_LOG_FAULTS } from '../log/log-faults.ts';
import type { SimulatedRun } from '../runner/simulated-run.ts';
import { LosingState } from '../store/losing-state.ts';
import { SimulatedStore, type StoreFaults } from '../store/simulated-store.ts';
import { askPipeline } from '../stories/pipeline-asker.ts';
import { disturb, settle } from '../trouble/disturb.ts';
import { drawLogFaults, drawRate } from '../trouble/draw-log-faults.ts';
import { Owners } from '../trouble/owners.ts';
import { EARLIES, GROWN, IDLES, planOf, SHAPES, SOURCES, TIMES, type Variant, WAYS } from './app.ts';
import { compare, lateOf } from './compare.ts';
import { compareEarly } from './early.ts';
import { ApartLog, callerOf, forgetful } from './odd-parts.ts';
import { CLICKS, Publisher } from './publisher.ts';

const RESULTS = topicOf('default', 'results');
const DEAD = deadTopicOf(pipelineGroupOf('default', 'counts'));
export const DISTURBANCES = ['kill', 'pause', 'fail over', 'replicate', 'join', 'slow reader', 'break'] as const;
const MOST_FAULTS = {
  ...{ slow: 0.03, appendRefused: 0.05, appendFails: 0.05, appendUnknown: 0.05, appendHalf: 0.05, appendLate: 0.05 },
  ...{ commitFails: 0.1, commitLate: 0.1, readFails: 0.05, callFails: 0.05, gap: 0.2, overlap: 0.8, shuffle: 0.5 },
};
const TROUBLE_MS = 90_000;
const HEALED_MS = 300_000;

export interface PipelineRun extends SimulatedRun {
  readonly variant: Variant;
  readonly results: number;
}

export interface PipelineMutation {
  /** The store writes whatever the position is. */
  readonly unfenced?: boolean;
  /**
   * Windows forget which events they have counted, or all that they have seen: then nobody
   * publishes twice, but the stages themselves.
   */
  readonly forgetful?: 'events' | 'all';
}

/** What is fixed in place of what is drawn. */
export interface PipelineFocus {
  readonly slowScan?: StoreFaults['slowScan'];
  readonly log?: Partial<LogFaults>;
  readonly variant?: Partial<Variant>;
  /** Of the store's steps: it is lost soon after. */
  readonly lost?: number;
}

export function runPipelines(
  seed: number,
  { slowScan, log: fixed, variant: asked, lost }: PipelineFocus = {},
  mutation: PipelineMutation = {},
): PipelineRun {
  const simulation = new Simulation(seed);
  const { chance } = simulation;
  const broker = new SimulatedBroker(simulation, {
    ...drawLogFaults(chance, MOST_FAULTS, { slowMs: 3_000 }),
    ...fixed,
  });
  broker.growthSeenMs = 30_000;
  const state = new LosingState(simulation, lost ?? drawRate(chance, 'a step is lost', 0.2));
  state.fenced = mutation.unfenced !== true;
  const fails = drawRate(chance, 'store fails', 0.1);
  const storeFaults: StoreFaults = { latencyMs: 20, fails, slowScan };
  const functionFails = { rate: drawRate(chance, 'function fails', 0.2) };
  const sights = new Set<string>();
  const variant: Variant = {
    way: chance.pick('way', WAYS),
    shape: chance.pick('shape', SHAPES),
    changes: chance.happens('changes', 0.4),
    idle: chance.pick('idle', IDLES),
    time: chance.pick('time', TIMES),
    grows: chance.happens('grows', 0.4),
    early: chance.pick('early', EARLIES),
    ...asked,
  };
  const drawn: Variant = {
    ...variant,
    changes: variant.changes && variant.shape !== 'session',
    early: variant.changes || variant.shape === 'session' ? 'none' : variant.early,
  };
  const before = planOf(drawn, SOURCES);
  const after = planOf(drawn, GROWN);
  let grown = false;
  broker.ensureTopic(CLICKS, { partitions: SOURCES });
  broker.ensureTopic(RESULTS, { partitions: 2 });

  const publisher = new Publisher(
    simulation,
    broker,
    drawn,
    TROUBLE_MS,
    seen => sights.add(seen),
    mutation.forgetful !== 'all',
  );
  publisher.start();

  const observer: StageObserver = {
    trouble: () => sights.add('trouble'),
    superseded: (_, why) => sights.add(why),
    jumped: () => sights.add('jumped'),
    refused: (_, __, error) => sights.add(`refused: ${error}`),
  };
  const start = (process: SimulatedProcess) => {
    // Some processes learn later than others what the resource says.
    const { plan, resources } = grown && chance.happens('knows of the growth', 0.6) ? after : before;
    const { world } = process;
    const log = new ApartLog(broker, process, chance, [CLICKS]);
    const store = new SimulatedStore(state, process, storeFaults);
    const seen = mutation.forgetful ? forgetful(store, mutation.forgetful) : store;
    const deps = {
      world,
      log,
      store: seen as unknown as Store,
      blobs: undefined,
      signals: { changed() {} } as never,
      resources: () => resources,
      callerOf: () => callerOf(process, chance, functionFails),
      strangerOf: () => unused(),
      secrets: () => undefined,
      problem: () => sights.add('problem'),
    };
    const tryAgain = () => {
      const run = runPipeline({ deps, plan, observer, dispatchObserverFor: () => silentObserver });
      run.catch(() => {
        sights.add('start failed');
        world.after(500, tryAgain);
      });
    };
    tryAgain();
  };
  const owners = new Owners({ simulation, start });
  owners.start();
  owners.start();

  /** Others go on far past what stands unread in this partition. */
  const slowDown = () => {
    broker.holdReads(CLICKS, chance.int('slow source', 0, SOURCES - 1), chance.int('slow for', 1_000, 40_000));
  };
  if (chance.happens('slow from the start', 0.3)) slowDown();

  const once = (again: () => void): false | undefined => {
    const act = chance.pick('disturbance', DISTURBANCES);
    sights.add(act);
    if (act === 'slow reader') slowDown();
    if (act === 'break') {
      // Nobody is there for a while; then all that came meanwhile is read at once.
      owners.killAll();
      simulation.after(chance.int('break', 5_000, 30_000), 'back after a break', () => {
        owners.start();
        again();
      });
      return false;
    }
    if (act === 'kill') owners.killFirst();
    if (act === 'fail over') state.failOver();
    if (act === 'replicate') state.replicate();
    if (act === 'pause') owners.pauseFirst(40_000);
    owners.keepUp(act === 'join');
    return undefined;
  };
  disturb({ simulation, until: TROUBLE_MS, firstAfter: 1_000, every: [100, 6_000], once });
  const grow = () => {
    grown = true;
    sights.add('grow');
    broker.ensureTopic(CLICKS, { partitions: GROWN });
  };
  if (drawn.grows) simulation.after(chance.int('grows at', 15_000, TROUBLE_MS), 'grow', grow);
  simulation.run(TROUBLE_MS + 1);

  broker.faults = { ...NO_LOG_FAULTS };
  storeFaults.fails = 0;
  state.rate = 0;
  functionFails.rate = 0;
  if (owners.size === 0) owners.start();
  const historyOf = (topic: string) => (broker.partitions(topic) ?? []).flatMap(({ history }) => history);
  const apartOf = (topic: string) => (broker.partitions(topic) ?? []).map(({ history }) => history);
  const { source, windows } = before.plan.settings.topology;
  const [window] = windows;
  const counted = source.kind === 'window' || !window ? CLICKS : readerTopicOf(before.plan.settings, window.id);
  if (haveMoved(broker, [before.plan, after.plan])) sights.add('keys have moved');
  const early = () =>
    drawn.early === 'none'
      ? undefined
      : compareEarly(drawn, apartOf(counted), apartOf(RESULTS), sights.has('fail over'));
  const inside = () => lateOf(historyOf(DEAD)) ?? compare(drawn, historyOf(CLICKS), historyOf(RESULTS)) ?? early();
  // Without that windows are over when nothing has come for long.
  const isEnded = drawn.idle === 'never' || chance.happens('ended by events', 0.5);
  sights.add(isEnded ? 'ended by events' : 'ended by silence');
  const end = () => {
    if (!chance.happens('taken over at the end', 0.7)) {
      publisher.end();
      return;
    }
    // Of the last events, so soon after others, perhaps not all windows are told; and
    // nothing comes after them.
    sights.add('taken over at the end');
    publisher.speak();
    simulation.after(chance.int('ends after', 0, 1_000), 'end', () => publisher.end());
    simulation.after(chance.int('taken over after', 0, 4_000), 'take over', () => {
      owners.killAll();
      owners.start();
    });
  };
  if (isEnded) simulation.after(chance.int('ended', 0, 60_000), 'end', end);
  settle(simulation, { deadline: TROUBLE_MS + HEALED_MS, every: 500, isRight: () => inside() === undefined });
  const wrong = inside();
  // What an event of a Topic that has grown went through depends on when that was.
  const isAsked = wrong === undefined && !drawn.grows;
  const stories = isAsked && askPipeline({ simulation, broker, state, planned: before, variant: drawn, seed });
  return {
    wrong: wrong ?? (stories || undefined)?.wrong,
    ...(stories && { stories: stories.compared }),
    variant: drawn,
    sights,
    results: historyOf(RESULTS).length,
    steps: simulation.steps,
    trace: chance.trace,
  };
}

/** `plans`: by the resource that a process knew of, or by what the log had. */
function haveMoved(broker: SimulatedBroker, plans: readonly PipelinePlan[]): boolean {
  return plans.some(({ settings }) => {
    const { source } = settings.topology;
    return source.kind === 'window' && broker.partitions(readerTopicOf(settings, source.window.id)) !== undefined;
  });
}

function unused(): never {
  throw new Error('Nothing is called.');
}
