// One simulated run of two Stranglers over one new side: changes are born in all three systems,
// everything fails for a while, then all must come to rest.

import { toRecord } from '../../../core/cloudevents/record.ts';
import { ORIGIN_HEADER } from '../../../core/wire.ts';
import { readOne } from '../../../gateway/accept/incoming.ts';
import { loadText } from '../../../resources/load/load-text.ts';
import { createResourceSet } from '../../../resources/resource-set.ts';
import { createCallDestination } from '../../../worker/deliver/call-destination.ts';
import type { Caller } from '../../../worker/deliver/caller.ts';
import { withOriginOf } from '../../../worker/deliver/with-origin-of.ts';
import { startDispatcher } from '../../../worker/dispatch/dispatcher.ts';
import { silentObserver } from '../../../worker/dispatch/observer.ts';
import { compileEvents } from '../../../worker/plan/compile.ts';
import type { ConsumerPlan } from '../../../worker/plan/topic-plan.ts';
import type { SimulatedProcess } from '../kernel/process.ts';
import { Simulation } from '../kernel/simulation.ts';
import { SimulatedBroker } from '../log/broker.ts';
import { NO_LOG_FAULTS } from '../log/log-faults.ts';
import { SimulatedLog } from '../log/simulated-log.ts';
import type { SimulatedRun } from '../runner/simulated-run.ts';
import { disturb } from '../trouble/disturb.ts';
import { drawLogFaults, drawRate } from '../trouble/draw-log-faults.ts';
import { Owners } from '../trouble/owners.ts';
import { APP, LEGACIES } from './app.ts';
import { createCaller, type Shop } from './shop.ts';
import { type Change, difference, System } from './system.ts';

const TROUBLE_MS = 40_000;
const HEALED_MS = 180_000;
const REST_MS = 60_000;
const KEYS = 4;

export interface Mutation {
  /** The sync hands everything over. */
  readonly unfiltered?: boolean;
  /** The sync does not say that what it hands over has been in its legacy system. */
  readonly unmarked?: boolean;
  /** Functions do not carry on what they were told. */
  readonly forgetful?: boolean;
  /** Copies of a shadow look like any request. */
  readonly plainCopies?: boolean;
}

export function runSyncs(seed: number, mutation: Mutation = {}): SimulatedRun {
  const simulation = new Simulation(seed);
  const { chance } = simulation;
  const most = {
    ...{ appendFails: 0.1, appendUnknown: 0.1, appendLate: 0.1 },
    ...{ commitFails: 0.2, commitLate: 0.2, readFails: 0.1, callFails: 0.05, overlap: 0.8, shuffle: 0.5 },
  };
  const broker = new SimulatedBroker(simulation, drawLogFaults(chance, most, { zombieMs: 10_000 }));
  const sights = new Set<string>();
  const fresh = new System('new');
  const legacies = LEGACIES.map(name => new System(name));
  const { consumers, topics } = compileEvents(createResourceSet(loadText('app.yaml', APP).resources), {
    storage: true,
    kafka: false,
  });
  for (const { name, settings } of topics) broker.ensureTopic(name, settings);

  let wrong: string | undefined;
  const shop: Shop = {
    simulation,
    fresh,
    legacies,
    // Programs that tell of every write need all marks; those that lose
    // marks must tell of news alone.
    tellsAll: chance.happens('tells all', 0.5),
    faults: {
      latencyMs: 50,
      fails: drawRate(chance, 'function fails', 0.2),
      lost: drawRate(chance, 'answer lost', 0.2),
    },
    carries: mutation.forgetful !== true,
    tell(topic, change, origin) {
      const times = chance.happens('told twice', 0.1) ? 2 : 1;
      const headers = ['content-type', 'application/json', ORIGIN_HEADER, origin];
      const incoming = readOne(headers, Buffer.from(JSON.stringify(change)), () => ({ type: topic, source: '/sim' }), {
        now: () => simulation.now,
        monotonic: () => simulation.now,
        after: () => ({ cancel() {} }),
        random: () => 0,
        id: () => `${change.key}-${change.stamp}-${change.path.length}`,
      });
      for (let time = 0; time < times; time++) {
        broker.append(`default.${topic}`, [toRecord(incoming.event, change.key, incoming.body)], 'door');
      }
    },
    returned(system, { key, stamp, path }) {
      wrong ??= `change ${stamp} of ${key} came back to ${system}, having been in ${path.join(', ')}`;
    },
    saw: sight => sights.add(sight),
  };

  let births = 0;
  const bear = () => {
    if (simulation.now > TROUBLE_MS) return;
    const change: Change = { key: `k${chance.int('key', 0, KEYS - 1)}`, stamp: ++births, path: [] };
    const where = chance.pick('born', ['new', 'new', 'a', 'b', 'shadow']);
    sights.add(`born: ${where}`);
    if (where === 'new') shop.tell('changed', fresh.write(change).change, '');
    else {
      const name = where === 'shadow' ? 'a' : where;
      const legacy = legacies.find(each => each.name === name);
      const written = legacy?.write(change).change ?? change;
      shop.tell(`${name}.changes`, written, `default/${name}`);
      // The copy of a request that legacy has answered.
      const origin = mutation.plainCopies ? '' : `default/${name}`;
      if (where === 'shadow') shop.tell('changed', fresh.write(written).change, origin);
    }
    simulation.after(chance.int('bearing', 20, 1_500), 'born', bear);
  };
  bear();

  const start = (process: SimulatedProcess) => {
    for (const plan of consumers) run(process, plan);
  };
  const run = (process: SimulatedProcess, plan: ConsumerPlan) => {
    const { world } = process;
    const log = new SimulatedLog(broker, process);
    const { settings } = plan;
    const start = () =>
      startDispatcher({
        world,
        log,
        settings: {
          ...settings,
          // How failures end is the business of other runs: here each
          // change gets through in the end.
          retry: { attempts: 1_000, backoff: 'constant', initial: 300, max: 300 },
          filter: mutation.unfiltered ? undefined : settings.filter,
        },
        destination: destinationOf(plan, createCaller(shop, process, plan)),
        observer: { ...silentObserver, superseded: () => sights.add('superseded'), parked: () => sights.add('parked') },
      }).catch(() => world.after(500, start));
    void start();
  };
  const destinationOf = ({ sync, resource }: ConsumerPlan, caller: Caller) => {
    const topic = resource.kind === 'Subscription' ? resource.spec.topic : '';
    const called = createCallDestination({
      world: simulation.processes[0]?.world ?? simulation.process('none').world,
      caller,
      namespace: 'default',
      topic,
      endpoint: 'topics',
      batch: false,
      timeoutMs: undefined,
      maxAnswerBytes: 1_000,
      priority: 5,
    });
    return sync === undefined || mutation.unmarked ? called : withOriginOf(called, sync.origin, topic);
  };
  const owners = new Owners({ simulation, start });
  owners.start();
  owners.start();

  disturb({
    simulation,
    until: TROUBLE_MS,
    firstAfter: 2_000,
    every: [500, 8_000],
    once() {
      const act = chance.pick('disturbance', ['kill', 'pause', 'join']);
      sights.add(act);
      if (act === 'kill') owners.killFirst();
      if (act === 'pause') owners.pauseFirst(12_000);
      owners.keepUp(act === 'join', 3);
    },
  });
  simulation.run(TROUBLE_MS + 1, () => wrong !== undefined);

  broker.faults = { ...NO_LOG_FAULTS };
  shop.faults = { latencyMs: 50, fails: 0, lost: 0 };
  const agree = () => legacies.map(legacy => difference(fresh, legacy)).find(found => found !== undefined);
  const size = () =>
    topics.reduce((sum, { name }) => {
      return sum + (broker.partitions(name) ?? []).reduce((all, { bounds }) => all + bounds.end, 0);
    }, 0);
  let quietSince = simulation.now;
  let last = size();
  const rests = () => {
    const now = size();
    if (now !== last) quietSince = simulation.now;
    last = now;
    return wrong !== undefined || (agree() === undefined && simulation.now - quietSince > REST_MS);
  };
  const rested = simulation.run(simulation.now + HEALED_MS, () => simulation.steps % 50 === 0 && rests());
  wrong ??= agree() ?? (rested ? undefined : `changes still go round: ${size()} events for ${births} changes`);
  if (wrong === undefined) sights.add(shop.tellsAll ? 'all is told' : 'news is told');
  return { wrong, sights, steps: simulation.steps, trace: chance.trace };
}
