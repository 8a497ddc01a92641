// One simulated run of a View: events come, it is built anew and changed while readers read, workers overlap, die and come back, log and store fail and
// the store forgets its last second; then all heals and the View is compared with what the events say.
import { toRecord } from '../../../core/cloudevents/record.ts';
import type { NewRecord } from '../../../drivers/event-log/event-log.ts';
import type { SimulatedProcess } from '../kernel/process.ts';
import { Simulation } from '../kernel/simulation.ts';
import { SimulatedBroker } from '../log/broker.ts';
import { NO_LOG_FAULTS } from '../log/log-faults.ts';
import type { SimulatedIndexes } from '../search/simulated-search.ts';
import { SimulatedState } from '../store/simulated-state.ts';
import type { StoreFaults } from '../store/simulated-store.ts';
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

export interface ViewRun {
  readonly kind: Kind;
  /** What is wrong; undefined when nothing is. */
  readonly wrong: string | undefined;
  readonly sights: ReadonlySet<string>;
  readonly trace: string;
  readonly steps: number;
}

interface Worker {
  readonly process: SimulatedProcess;
  readonly plane: ReturnType<typeof ownView>;
  readonly version: Version;
}

export function runViews(seed: number, unfenced = false): ViewRun {
  const simulation = new Simulation(seed);
  const { chance } = simulation;
  const rate = (label: string, most: number) => (chance.happens(`${label} on`, 0.5) ? chance.unit(label) * most : 0);
  const kind = chance.pick('kind', [...KINDS] as [Kind, ...Kind[]]);
  const broker = new SimulatedBroker(simulation, {
    ...NO_LOG_FAULTS,
    latencyMs: 20,
    slow: rate('slow', 0.03),
    slowMs: 2_000,
    appendRefused: rate('refused', 0.1),
    appendFails: rate('append fails', 0.1),
    appendUnknown: rate('append unknown', 0.1),
    appendHalf: rate('append half', 0.1),
    appendLate: rate('append late', 0.1),
    commitFails: rate('commit fails', 0.2),
    commitLate: rate('commit late', 0.2),
    readFails: rate('read fails', 0.05),
    callFails: rate('call fails', 0.03),
    gap: rate('gap', 0.2),
    overlap: rate('overlap', 0.8),
    zombieMs: 20_000,
    shuffle: rate('shuffle', 0.5),
  });
  const state = new SimulatedState(() => simulation.now);
  state.fenced = !unfenced;
  const faults: StoreFaults = { latencyMs: 20, fails: rate('store fails', 0.1) };
  const indexes: SimulatedIndexes = { indexes: new Map(), aliases: new Map() };
  const sights = new Set<string>([kind]);
  const saw = (sight: string) => void sights.add(sight);
  const shared: Shared = { broker, state, indexes, faults, saw };
  for (const [topic, partitions] of SOURCES) broker.ensureTopic(topic, { partitions });
  const judge = new Judge({ broker, kind, keys: KEYS });
  publish(simulation, broker, saw);

  const pace = chance.happens('paced', 0.3) ? '40/s' : undefined;
  let current: Definition = defineView(kind, 'first', pace);
  let changes = 0;
  const workers = new Set<Worker>();
  const all: Worker[] = [];
  let started = 0;
  const versions = new Versions(simulation, state, saw);
  const own = (definition = current) => {
    const process = simulation.process(`worker ${++started}`);
    const version = versions.join(definition.plan.definition, () => process.running);
    const worker = { process, plane: ownView(shared, process), version };
    worker.plane.apply([definition.plan]);
    workers.add(worker);
    all.push(worker);
    process.onSilence(() => workers.delete(worker));
    return worker;
  };
  own();
  own();

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
  /** Processes of the old version end one after the other, and come back as they were meanwhile, as when a deployment is rolled out. */
  const roll = () => {
    changes++;
    const before = current;
    current = defineView(kind, current.variant === 'first' ? 'second' : 'first', pace);
    const most = 25_000;
    for (const { process } of [...workers]) {
      simulation.after(chance.int('rolls', 0, most), 'rolls', () => process.kill());
    }
    own();
    if (!chance.happens('the old one starts again', 0.5)) return;
    const at = chance.int('old', 0, most);
    simulation.after(at, 'the old one starts again', () => {
      const { process } = own(before);
      simulation.after(most - at, 'rolls', () => process.kill());
    });
  };
  const disturb = () => {
    if (simulation.now > TROUBLE_MS) return;
    const [one] = [...workers];
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
    if (act === 'kill') one?.process.kill();
    if (act === 'fail over' && chance.happens('really', 0.5)) {
      state.failOver();
      judge.lost(simulation.now);
      saw('the store forgets');
    }
    if (act === 'rebuild' && one)
      one.plane.rebuild(current.plan).then(
        () => saw('rebuild'),
        () => {},
      );
    if (act === 'change' && chance.happens('changes', 0.4)) {
      saw('change');
      change();
    }
    if (act === 'roll' && chance.happens('rolls out', 0.4)) {
      saw('roll');
      roll();
    }
    if (act === 'pause' && one) {
      saw('pause');
      one.process.pause();
      simulation.after(chance.int('pause', 100, 15_000), 'resume', () => {
        one.process.resume();
        one.version.since = simulation.now;
        if (one.process.running) workers.add(one);
      });
    }
    if (workers.size < 2) own();
    if (act === 'join' && workers.size < 4) own();
    simulation.after(chance.int('disturbing', 500, 8_000), 'disturb', disturb);
  };
  simulation.after(3_000, 'disturb', disturb);
  const replicate = () => {
    state.replicate();
    simulation.after(chance.int('replicating', 10, REPLICA_MS), 'replicate', replicate);
  };
  replicate();
  simulation.run(TROUBLE_MS + 1, () => judge.wrong !== undefined);

  broker.faults = { ...NO_LOG_FAULTS };
  faults.fails = 0;
  for (const { process } of all) process.kill();
  own();
  own();
  inARow = 0;
  const settled = 20;
  const right = simulation.run(TROUBLE_MS + HEALED_MS, () => judge.wrong !== undefined || inARow >= settled);
  const wrongThen = right ? undefined : `never right: ${JSON.stringify(newest)}, ${failures} questions failed`;
  // Late calls come now, and what nobody needs is removed: that must not change what is right.
  inARow = 0;
  simulation.run(simulation.now + CALM_MS);
  const left = leftOver(shared);
  const after = inARow === 0 ? `not right any more: ${newest?.wrong}` : undefined;
  const wrong =
    judge.wrong ??
    versions.wrong ??
    wrongThen ??
    after ??
    (left.length > 0 ? `left over: ${left.join(' ')}` : undefined);
  return { kind, wrong, sights, trace: chance.trace, steps: simulation.steps };
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
