// One simulated run of a join: events of two Topics come, owners overlap, die and come back, log,
// store and function fail; then all heals, and the results are compared.
import { deadTopicOf, pipelineGroupOf } from '../../../core/names.ts';
import type { Store } from '../../../drivers/store/store.ts';
import { silentObserver } from '../../../worker/dispatch/observer.ts';
import type { StageObserver } from '../../../worker/fold/stage.ts';
import { runPipeline } from '../../../worker/pipelines/run-pipeline.ts';
import type { SimulatedProcess } from '../kernel/process.ts';
import { Simulation } from '../kernel/simulation.ts';
import { SimulatedBroker } from '../log/broker.ts';
import { NO_LOG_FAULTS } from '../log/log-faults.ts';
import { lateOf } from '../pipelines/compare.ts';
import { ApartLog, callerOf, forgetful } from '../pipelines/odd-parts.ts';
import type { SimulatedRun } from '../runner/simulated-run.ts';
import { LosingState } from '../store/losing-state.ts';
import { SimulatedStore, type StoreFaults } from '../store/simulated-store.ts';
import { disturb, settle } from '../trouble/disturb.ts';
import { drawLogFaults, drawRate } from '../trouble/draw-log-faults.ts';
import { Owners } from '../trouble/owners.ts';
import { compare, GROWN, IDLES, KINDS, ORDERS, PAYMENTS, planOf, RESULTS, SOURCES, type Variant, WAYS } from './app.ts';
import { Publisher } from './publisher.ts';

const DEAD = deadTopicOf(pipelineGroupOf('default', 'paid'));
export const DISTURBANCES = ['kill', 'pause', 'fail over', 'replicate', 'join', 'slow reader', 'break'] as const;
const MOST_FAULTS = {
  ...{ slow: 0.03, appendRefused: 0.05, appendFails: 0.05, appendUnknown: 0.05, appendHalf: 0.05, appendLate: 0.05 },
  ...{ commitFails: 0.1, commitLate: 0.1, readFails: 0.05, callFails: 0.05, gap: 0.2, overlap: 0.8, shuffle: 0.5 },
};
const TROUBLE_MS = 60_000;
const HEALED_MS = 300_000;

export interface JoinRun extends SimulatedRun {
  readonly variant: Variant;
}

export interface JoinMutation {
  /** The store writes whatever the position is. */
  readonly unfenced?: boolean;
  /** Joins forget what they have seen. */
  readonly forgetful?: boolean;
}

export function runJoins(seed: number, mutation: JoinMutation = {}): JoinRun {
  const simulation = new Simulation(seed);
  const { chance } = simulation;
  const broker = new SimulatedBroker(simulation, drawLogFaults(chance, MOST_FAULTS, { slowMs: 3_000 }));
  broker.growthSeenMs = 30_000;
  const state = new LosingState(simulation, drawRate(chance, 'a step is lost', 0.2));
  state.fenced = mutation.unfenced !== true;
  const storeFaults: StoreFaults = { latencyMs: 20, fails: drawRate(chance, 'store fails', 0.1), slowScan: undefined };
  const functionFails = { rate: drawRate(chance, 'function fails', 0.2) };
  const sights = new Set<string>();
  const variant: Variant = {
    kind: chance.pick('kind', KINDS),
    way: chance.pick('way', WAYS),
    idle: chance.pick('idle', IDLES),
    imported: chance.happens('imported', 0.4),
    grows: chance.happens('grows', 0.3),
  };
  for (const [topic, partitions] of Object.entries(SOURCES)) broker.ensureTopic(topic, { partitions });
  broker.ensureTopic(RESULTS, { partitions: 2 });
  const publisher = new Publisher(simulation, broker, variant, TROUBLE_MS, seen => sights.add(seen));
  publisher.start();

  const observer: StageObserver = {
    trouble: () => sights.add('trouble'),
    superseded: (_, why) => sights.add(why),
    jumped: () => sights.add('jumped'),
    refused: (_, __, error) => sights.add(`refused: ${error}`),
  };
  let grown = false;
  const start = (process: SimulatedProcess) => {
    const { plan, resources } = planOf(variant, grown && chance.happens('knows of the growth', 0.6));
    const { world } = process;
    const store = new SimulatedStore(state, process, storeFaults);
    const deps = {
      world,
      log: new ApartLog(broker, process, chance, [ORDERS, PAYMENTS]),
      store: (mutation.forgetful ? forgetful(store, 'all') : store) as unknown as Store,
      blobs: undefined,
      signals: { changed() {} } as never,
      resources: () => resources,
      callerOf: () => callerOf(process, chance, functionFails),
      strangerOf: () => unused(),
      secrets: () => undefined,
      problem: () => sights.add('problem'),
    };
    const tryAgain = () => {
      runPipeline({ deps, plan, observer, dispatchObserverFor: () => silentObserver }).catch(() => {
        sights.add('start failed');
        world.after(500, tryAgain);
      });
    };
    tryAgain();
  };
  const owners = new Owners({ simulation, start });
  owners.start();
  owners.start();

  const once = (again: () => void): false | undefined => {
    const act = chance.pick('disturbance', DISTURBANCES);
    sights.add(act);
    if (act === 'slow reader') {
      const topic = chance.pick('slow topic', [ORDERS, PAYMENTS]);
      broker.holdReads(topic, chance.int('slow source', 0, 1), chance.int('slow for', 1_000, 40_000));
    }
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
    for (const topic of [ORDERS, PAYMENTS]) broker.ensureTopic(topic, { partitions: GROWN });
  };
  if (variant.grows) simulation.after(chance.int('grows at', 15_000, TROUBLE_MS), 'grow', grow);
  simulation.run(TROUBLE_MS + 1);

  broker.faults = { ...NO_LOG_FAULTS };
  storeFaults.fails = 0;
  state.rate = 0;
  functionFails.rate = 0;
  if (owners.size === 0) owners.start();
  const historyOf = (topic: string) => (broker.partitions(topic) ?? []).flatMap(({ history }) => history);
  const inside = () => lateOf(historyOf(DEAD)) ?? compare(variant, historyOf);
  const isEnded = variant.idle === 'never' || chance.happens('ended by events', 0.5);
  sights.add(isEnded ? 'ended by events' : 'ended by silence');
  if (isEnded) simulation.after(chance.int('ended', 0, 60_000), 'end', () => publisher.end());
  settle(simulation, { deadline: TROUBLE_MS + HEALED_MS, every: 500, isRight: () => inside() === undefined });
  return { wrong: inside(), variant, sights, steps: simulation.steps, trace: chance.trace };
}

function unused(): never {
  throw new Error('Nothing is called.');
}
