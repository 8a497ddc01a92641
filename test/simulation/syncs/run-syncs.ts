// One simulated run of two Stranglers over one new side: changes are born in all three systems, everything fails for a while, then all must come to rest.

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
import { APP, LEGACIES } from './app.ts';
import { createCaller, type Shop } from './shop.ts';
import { type Change, difference, System } from './system.ts';

const TROUBLE_MS = 40_000;
const HEALED_MS = 180_000;
const REST_MS = 60_000;
const KEYS = 4;

export interface SyncRun {
  /** What is wrong in the end, or was on the way; undefined when nothing is. */
  readonly wrong: string | undefined;
  readonly sights: ReadonlySet<string>;
  readonly trace: string;
}

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

export function runSyncs(seed: number, mutation: Mutation = {}): SyncRun {
  const simulation = new Simulation(seed);
  const { chance } = simulation;
  const rate = (label: string, most: number) => (chance.happens(`${label} on`, 0.5) ? chance.unit(label) * most : 0);
  const broker = new SimulatedBroker(simulation, {
    ...NO_LOG_FAULTS,
    latencyMs: 20,
    appendFails: rate('append fails', 0.1),
    appendUnknown: rate('append unknown', 0.1),
    appendLate: rate('append late', 0.1),
    commitFails: rate('commit fails', 0.2),
    commitLate: rate('commit late', 0.2),
    readFails: rate('read fails', 0.1),
    callFails: rate('call fails', 0.05),
    overlap: rate('overlap', 0.8),
    zombieMs: 10_000,
    shuffle: rate('shuffle', 0.5),
  });
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
    // Programs that tell of every write need all marks; those that lose marks must tell of news alone.
    tellsAll: chance.happens('tells all', 0.5),
    faults: { latencyMs: 50, fails: rate('function fails', 0.2), lost: rate('answer lost', 0.2) },
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

  const owners = new Set<SimulatedProcess>();
  let started = 0;
  const own = () => {
    const process = simulation.process(`owner ${++started}`);
    owners.add(process);
    for (const plan of consumers) run(process, plan);
    process.onSilence(() => owners.delete(process));
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
          // How failures end is the business of other runs: here each change gets through in the end.
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
  own();
  own();

  const disturb = () => {
    if (simulation.now > TROUBLE_MS) return;
    const [one] = [...owners];
    const act = chance.pick('disturbance', ['kill', 'pause', 'join']);
    sights.add(act);
    if (act === 'kill') one?.kill();
    if (act === 'pause' && one) {
      one.pause();
      simulation.after(chance.int('pause', 100, 12_000), 'resume', () => {
        one.resume();
        if (one.running) owners.add(one);
      });
    }
    if (owners.size < 2 || (act === 'join' && owners.size < 3)) own();
    simulation.after(chance.int('disturbing', 500, 8_000), 'disturb', disturb);
  };
  simulation.after(2_000, 'disturb', disturb);
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
  return { wrong, sights, trace: chance.trace };
}
