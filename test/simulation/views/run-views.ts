// One simulated run of a View: events come, it is built anew and changed while readers read,
// workers overlap, die and come back, log and store fail and the store forgets its last second;
// then all heals and the View is compared with what the events say.

import { toRecord } from '../../../core/cloudevents/record.ts';
import type { NewRecord } from '../../../drivers/event-log/event-log.ts';
import { judgeView } from '../../judge/views.ts';
import type { SimulatedProcess } from '../kernel/process.ts';
import { Simulation } from '../kernel/simulation.ts';
import { SimulatedBroker } from '../log/broker.ts';
import { NO_LOG_FAULTS } from '../log/log-faults.ts';
import type { SimulatedRun } from '../runner/simulated-run.ts';
import type { SimulatedIndexes } from '../search/simulated-search.ts';
import { SimulatedState } from '../store/simulated-state.ts';
import type { StoreFaults } from '../store/simulated-store.ts';
import type { Compared } from '../stories/compared.ts';
import { ViewAsker } from '../stories/view-asker.ts';
import { disturb } from '../trouble/disturb.ts';
import { drawLogFaults, drawRate } from '../trouble/draw-log-faults.ts';
import { Owners } from '../trouble/owners.ts';
import { type Definition, defineView, GROUP, KINDS, type Kind, NAMESPACE, SOURCES, VIEW } from './definitions.ts';
import { Judge } from './judge.ts';
import type { Told } from './model.ts';
import { ownView, portsOf, type Shared } from './own.ts';
import { startReader } from './reader.ts';
import { type Version, Versions } from './versions.ts';

const KEYS = Array.from({ length: 6 }, (_, index) => `k${index}`);
const TROUBLE_MS = 60_000;
const HEALED_MS = 240_000;
/** So long after all is right it must still be, and nothing be left over. */
const CALM_MS = 30_000;
/** The store's replica is at most so old. */
const REPLICA_MS = 1_000;

export interface ViewRun extends SimulatedRun {
  readonly kind: Kind;
  readonly stories: Compared;
}

interface Worker {
  readonly process: SimulatedProcess;
  readonly plane: ReturnType<typeof ownView>;
  readonly version: Version;
}

/** What is fixed in place of what is drawn. */
export interface ViewFocus {
  /** Longest way of a call of the store or an answer, milliseconds. */
  readonly storeMs?: number;
  /** Whether each change of the View is followed by another, mostly while the View is built. */
  readonly changesAgain?: boolean;
}

export function runViews(
  seed: number,
  { storeMs = 20, changesAgain = false }: ViewFocus = {},
  unfenced = false,
): ViewRun {
  const simulation = new Simulation(seed);
  const { chance } = simulation;
  const kind = chance.pick('kind', [...KINDS] as [Kind, ...Kind[]]);
  const most = {
    ...{ slow: 0.03, appendRefused: 0.1, appendFails: 0.1, appendUnknown: 0.1, appendHalf: 0.1, appendLate: 0.1 },
    ...{ commitFails: 0.2, commitLate: 0.2, readFails: 0.05, callFails: 0.03, gap: 0.2, overlap: 0.8, shuffle: 0.5 },
  };
  const broker = new SimulatedBroker(simulation, drawLogFaults(chance, most, { slowMs: 2_000 }));
  const state = new SimulatedState(() => simulation.now);
  state.fenced = !unfenced;
  const faults: StoreFaults = { latencyMs: storeMs, fails: drawRate(chance, 'store fails', 0.1) };
  const indexes: SimulatedIndexes = { indexes: new Map(), aliases: new Map() };
  const sights = new Set<string>([kind]);
  const saw = (sight: string) => void sights.add(sight);
  const shared: Shared = { broker, state, indexes, faults, saw };
  for (const [topic, partitions] of SOURCES) broker.ensureTopic(topic, { partitions });
  const judge = new Judge({ broker, kind, keys: KEYS });
  const asker = new ViewAsker({ simulation, shared, seed, definition: () => current });
  publish(simulation, broker, saw);

  const pace = chance.happens('paced', 0.3) ? '40/s' : undefined;
  let current: Definition = defineView(kind, 'first', pace);
  let changes = 0;
  const all: Worker[] = [];
  const versions = new Versions(simulation, state, saw);
  const start = (process: SimulatedProcess, definition = current): Worker => {
    const version = versions.join(definition.plan.definition, () => process.running);
    const worker = { process, plane: ownView(shared, process), version };
    worker.plane.apply([definition.plan]);
    all.push(worker);
    return worker;
  };
  const workers = new Owners<Worker>({
    simulation,
    name: 'worker',
    start: process => start(process),
    resumed({ version }) {
      version.since = simulation.now;
    },
  });
  workers.start();
  workers.start();
  asker.start();

  watchGenerations(state, saw, () => judge.swapped(simulation.now));
  let failures = 0;
  const reader = simulation.process('reader');
  let newest: { readonly wrong: string | undefined; readonly asked: number } | undefined;
  startReader({
    process: reader,
    ...portsOf(shared, reader),
    kind,
    keys: KEYS,
    definition: () => current,
    answered(answer) {
      saw(answer.isList ? 'all are read' : 'one is read');
      if (answer.behind > 0) saw('an answer is behind');
      judge.look(answer, changes === 0 ? ['first'] : ['first', 'second']);
      const wrong = judge.compare(answer, current.variant);
      newest = { wrong, asked: answer.asked };
      // What is not there is told without how far the View is behind.
      if (wrong !== undefined || answer.behind > 0) inARow = 0;
      else if (answer.behind === 0) inARow++;
    },
    failed: () => void failures++,
  });
  /** Right answers one after the other: all keys have been asked for by then. */
  let inARow = 0;

  const change = () => {
    changes++;
    current = defineView(kind, current.variant === 'first' ? 'second' : 'first', pace);
    const next = current;
    for (const { process, plane, version } of all) {
      process.after(chance.int('hears of it', 0, 3_000), 'hears of it', () => {
        plane.apply([next.plan]);
        versions.change(version, next.plan.definition);
      });
    }
  };
  /**
   * Processes of the old version end one after the other, and come back as they were meanwhile, as
   * when a deployment is rolled out.
   */
  const roll = () => {
    changes++;
    const before = current;
    current = defineView(kind, current.variant === 'first' ? 'second' : 'first', pace);
    const most = 25_000;
    for (const process of workers.processes) {
      simulation.after(chance.int('rolls', 0, most), 'rolls', () => process.kill());
    }
    workers.start();
    if (!chance.happens('the old one starts again', 0.5)) return;
    const at = chance.int('old', 0, most);
    simulation.after(at, 'the old one starts again', () => {
      const { process } = workers.start(each => start(each, before));
      simulation.after(most - at, 'rolls', () => process.kill());
    });
  };
  const once = (): undefined => {
    const one = workers.first;
    const act = chance.pick('disturbance', [
      'kill',
      'pause',
      'fail over',
      'join',
      'rebuild',
      'rebuild',
      'change',
      'roll',
    ]);
    if (act === 'kill') workers.killFirst();
    if (act === 'fail over' && chance.happens('really', 0.5)) {
      state.failOver();
      judge.lost(simulation.now);
      saw('the store forgets');
    }
    // A worker that is asked builds the View as it knows it, which may be as it was before.
    const known = one?.plane.views[0]?.plan;
    if (act === 'rebuild' && one && known)
      one.plane.rebuild(known).then(
        () => saw('rebuild'),
        () => {},
      );
    if (act === 'change' && chance.happens('changes', 0.4)) {
      saw('change');
      change();
      if (changesAgain) simulation.after(chance.int('changes again', 500, 6_000), 'changes again', change);
    }
    if (act === 'roll' && chance.happens('rolls out', 0.4)) {
      saw('roll');
      roll();
    }
    if (act === 'pause' && one) {
      saw('pause');
      workers.pauseFirst(15_000);
    }
    workers.keepUp(act === 'join');
  };
  disturb({ simulation, until: TROUBLE_MS, firstAfter: 3_000, every: [500, 8_000], once });
  const replicate = () => {
    state.replicate();
    simulation.after(chance.int('replicating', 10, REPLICA_MS), 'replicate', replicate);
  };
  replicate();
  simulation.run(TROUBLE_MS + 1, () => judge.wrong !== undefined);

  broker.faults = { ...NO_LOG_FAULTS };
  faults.fails = 0;
  for (const { process } of all) process.kill();
  workers.start();
  workers.start();
  inARow = 0;
  const settled = 20;
  const right = simulation.run(TROUBLE_MS + HEALED_MS, () => judge.wrong !== undefined || inARow >= settled);
  const wrongThen = right ? undefined : `never right: ${JSON.stringify(newest)}, ${failures} questions failed`;
  // Late calls come now, and what nobody needs is removed: that must not change what is right.
  inARow = 0;
  simulation.run(simulation.now + CALM_MS);
  const [left] = judgeView({ what: 'the View', found: [], expected: [], leftOver: leftOver(shared) });
  const after = inARow === 0 ? `not right any more: ${newest?.wrong}` : undefined;
  asker.askAtLast();
  const wrong = judge.wrong ?? versions.wrong ?? wrongThen ?? after ?? left ?? asker.wrong;
  return { kind, wrong, sights, trace: chance.trace, steps: simulation.steps, stories: asker.compared };
}

/** Each key has its partition of one topic, so there is one order of its events. */
function publish(simulation: Simulation, broker: SimulatedBroker, saw: (sight: string) => void): void {
  const { chance } = simulation;
  const counts = new Map<string, number>();
  const sent: { readonly topic: string; readonly record: NewRecord }[] = [];
  const some = () => {
    if (simulation.now > TROUBLE_MS) return;
    const again = chance.happens('published again', 0.3) ? sent.at(-chance.int('again', 1, 20)) : undefined;
    if (again) {
      saw('an event is published twice');
      broker.append(again.topic, [again.record], 'publisher');
    }
    for (let left = chance.int('events', 1, 6); left > 0; left--) {
      const index = chance.int('key', 0, KEYS.length - 1);
      const key = KEYS[index] ?? '';
      const [topic, partitions] = SOURCES[index % 2] ?? SOURCES[0];
      const n = (counts.get(key) ?? 0) + 1;
      counts.set(key, n);
      const data: Told = {
        key,
        n,
        points: chance.int('points', -5, 20),
        entry: `e${chance.int('entry', 0, 7)}`,
        all: 1,
        [`m${n % 4}`]: n,
      };
      const type = chance.happens('gone', 0.1) ? 'Gone' : n % 3 === 0 ? 'Odd' : 'Put';
      const event = { specversion: '1.0', id: `${key}.${n}`, source: '/simulation', type, data } as const;
      const record = { ...toRecord(event, key), partition: index % partitions };
      sent.push({ topic, record });
      broker.append(topic, [record], 'publisher');
    }
    simulation.after(chance.int('publishing', 50, 1_500), 'publish', some);
  };
  some();
}

function watchGenerations(state: SimulatedState, saw: (sight: string) => void, swapped: () => void): void {
  let serving: string | undefined;
  let building: string | undefined;
  state.watches.push((_, change) => {
    if (change.kind !== 'put-row' || change.table !== 'generations') return;
    const next = JSON.parse(change.value.toString());
    if (next.building && next.building.id !== building) saw('a build begins');
    if (building !== undefined && next.building === undefined && next.serving?.id !== building)
      saw('a build is given up');
    if (next.serving && serving !== undefined && next.serving.id !== serving) saw('swap');
    if (next.serving && next.serving.id !== serving) swapped();
    serving = next.serving?.id;
    building = next.building?.id;
  });
}

/** What is kept of generations that do not serve. */
function leftOver({ broker, state, indexes }: Shared): string[] {
  const text = state.row(`views/${NAMESPACE}/${VIEW}`, 'generations', 'state');
  const { serving, building } = JSON.parse(text ?? '{}');
  const place = `view/${NAMESPACE}/${VIEW}/`;
  const names = [
    ...[...broker.topicNames, ...indexes.indexes.keys()].map(name => [name, name.slice(GROUP.length + 1)]),
    ...state.scopes().flatMap(scope => (scope.startsWith(place) ? [[scope, scope.split('/')[3] ?? '']] : [])),
  ];
  return names.flatMap(([name = '', id = '']) =>
    /^[0-9a-f]{12}$/.test(id) && id !== serving?.id && id !== building?.id ? [name] : [],
  );
}
