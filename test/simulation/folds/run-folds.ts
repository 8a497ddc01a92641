// One simulated run of a fold: events come, owners overlap, die and come back, log and store fail; then all heals and the state is compared.
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import { startFold } from '../../../worker/fold/fold.ts';
import { startRekey } from '../../../worker/fold/rekey.ts';
import { markOf } from '../../../worker/fold/source-mark.ts';
import type { StageObserver } from '../../../worker/fold/stage.ts';
import type { SimulatedProcess } from '../kernel/process.ts';
import { Simulation } from '../kernel/simulation.ts';
import { SimulatedBroker } from '../log/broker.ts';
import { NO_LOG_FAULTS } from '../log/log-faults.ts';
import { SimulatedLog } from '../log/simulated-log.ts';
import { LosingState } from '../store/losing-state.ts';
import { SimulatedStore, type StoreFaults } from '../store/simulated-store.ts';

const SOURCE = 'events';
const TARGET = 'keyed';
const TABLE = 'words';
const SOURCES = 3;
const TARGETS = 2;
const KEYS = 5;
const TROUBLE_MS = 60_000;
const HEALED_MS = 120_000;

export interface FoldRun {
  /** What is wrong with the state in the end; undefined when it is what the events say. */
  readonly wrong: string | undefined;
  readonly sights: ReadonlySet<string>;
  readonly steps: number;
  readonly trace: string;
}

export interface Mutation {
  /** The store writes whatever the position is. */
  readonly unfenced?: boolean;
  /** Repeated records are folded again. */
  readonly forgetful?: boolean;
}

export function runFolds(seed: number, mutation: Mutation = {}): FoldRun {
  const simulation = new Simulation(seed);
  const { chance } = simulation;
  const rate = (label: string, most: number) => (chance.happens(`${label} on`, 0.5) ? chance.unit(label) * most : 0);
  const broker = new SimulatedBroker(simulation, {
    ...NO_LOG_FAULTS,
    latencyMs: 20,
    slow: rate('slow', 0.05),
    slowMs: 3_000,
    appendRefused: rate('refused', 0.1),
    appendFails: rate('append fails', 0.1),
    appendUnknown: rate('append unknown', 0.1),
    appendHalf: rate('append half', 0.1),
    appendLate: rate('append late', 0.1),
    commitFails: rate('commit fails', 0.2),
    commitLate: rate('commit late', 0.2),
    readFails: rate('read fails', 0.1),
    callFails: rate('call fails', 0.05),
    gap: rate('gap', 0.2),
    overlap: rate('overlap', 0.8),
    zombieMs: 20_000,
    shuffle: rate('shuffle', 0.5),
  });
  const state = new LosingState(simulation, rate('a step is lost', 0.3));
  state.fenced = mutation.unfenced !== true;
  const storeFaults: StoreFaults = { latencyMs: 20, fails: rate('store fails', 0.2) };
  const sights = new Set<string>();
  broker.ensureTopic(SOURCE, { partitions: SOURCES });
  broker.ensureTopic(TARGET, { partitions: TARGETS });

  let events = 0;
  const publish = () => {
    if (simulation.now > TROUBLE_MS) return;
    for (let left = chance.int('events', 1, 8); left > 0; left--) {
      broker.append(
        SOURCE,
        [
          {
            key: null,
            partition: chance.int('source', 0, SOURCES - 1),
            value: Buffer.from(`${events++}`),
            headers: {},
          },
        ],
        'publisher',
      );
    }
    simulation.after(chance.int('publishing', 50, 2_000), 'publish', publish);
  };
  publish();

  const observer: StageObserver = {
    trouble: () => sights.add('trouble'),
    superseded: () => sights.add('superseded'),
    jumped: () => sights.add('jumped'),
    refused: () => sights.add('refused'),
  };
  const owners = new Set<SimulatedProcess>();
  let started = 0;
  const own = () => {
    const process = simulation.process(`owner ${++started}`);
    owners.add(process);
    const log = new SimulatedLog(broker, process);
    const store = new SimulatedStore(state, process, storeFaults);
    const { world } = process;
    const again = (act: () => Promise<unknown>) => {
      act().catch(() => world.after(500, () => again(act)));
    };
    again(() =>
      startRekey({
        world,
        log,
        observer,
        settings: {
          group: 'rekey',
          topic: SOURCE,
          target: TARGET,
          project: record => keyed(record).map(key => ({ key, value: record.value })),
          refused: async () => {},
        },
      }),
    );
    const toChanges = async (records: readonly LogRecord[], scope: string) => {
      const words = new Map<string, string>();
      const keys = [...new Set(records.map(({ key }) => key ?? ''))];
      for (const row of await store.rows(scope, TABLE, keys)) {
        if (row) words.set(row.key, Buffer.from(row.value).toString());
      }
      // Each change depends on the one before: one that is lost, repeated or out of order shows.
      for (const record of records) {
        const key = record.key ?? '';
        const from = markOf(record);
        words.set(key, `${words.get(key) ?? ''}${from?.partition}:${Buffer.from(record.value)} `);
      }
      return [...words].map(([key, value]) => ({ kind: 'put-row', table: TABLE, key, value }) as const);
    };
    again(() =>
      startFold({
        world,
        log,
        store: mutation.forgetful ? { ...portOf(store), scan: async () => ({ rows: [], next: undefined }) } : store,
        observer,
        settings: {
          group: 'fold',
          topic: TARGET,
          consumer: 'fold',
          scopeOf: partition => `fold/${partition}`,
          toChanges,
          refused: async () => {},
          limits: { maxRecords: 7, maxBytes: 1_000 },
        },
      }),
    );
    process.onSilence(() => owners.delete(process));
  };
  own();
  own();

  const disturb = () => {
    if (simulation.now > TROUBLE_MS) return;
    const [one] = [...owners];
    const act = chance.pick('disturbance', ['kill', 'pause', 'fail over', 'replicate', 'join']);
    sights.add(act);
    if (act === 'kill') one?.kill();
    if (act === 'fail over') state.failOver();
    if (act === 'replicate') state.replicate();
    if (act === 'pause' && one) {
      one.pause();
      simulation.after(chance.int('pause', 100, 15_000), 'resume', () => {
        one.resume();
        if (one.running) owners.add(one);
      });
    }
    if (owners.size < 2) own();
    if (act === 'join' && owners.size < 4) own();
    simulation.after(chance.int('disturbing', 100, 6_000), 'disturb', disturb);
  };
  simulation.after(1_000, 'disturb', disturb);
  simulation.run(TROUBLE_MS + 1);

  broker.faults = { ...NO_LOG_FAULTS };
  storeFaults.fails = 0;
  state.rate = 0;
  const inside = () => compare(broker, state);
  simulation.run(TROUBLE_MS + HEALED_MS, () => simulation.steps % 50 === 0 && inside() === undefined);
  // Late calls come now: they must not change what is right.
  simulation.run(simulation.now + 30_000);
  return { wrong: inside(), sights, steps: simulation.steps, trace: chance.trace };
}

/** Two keys for some events, none for others. */
function keyed({ value }: Pick<LogRecord, 'value'>): string[] {
  const number = Number(Buffer.from(value).toString());
  if (number % 7 === 3) return [];
  const first = `key ${number % KEYS}`;
  return number % 4 === 0 ? [first, `key ${(number + 1) % KEYS}`] : [first];
}

/** Within each source partition every word stands once and in order; between partitions any order is right. */
function compare(broker: SimulatedBroker, state: LosingState): string | undefined {
  const found = new Map<string, string[]>();
  for (let partition = 0; partition < TARGETS; partition++) {
    for (const [key, words] of state.rowsOf(`fold/${partition}`, TABLE)) {
      for (const word of words.trim().split(' ')) {
        const [source, value = ''] = word.split(':');
        const place = `${source}/${key}`;
        found.set(place, [...(found.get(place) ?? []), value]);
      }
    }
  }
  const expected = new Map<string, string[]>();
  for (const [source, { history }] of (broker.partitions(SOURCE) ?? []).entries()) {
    for (const record of history) {
      for (const key of keyed(record)) {
        const place = `${source}/${key}`;
        expected.set(place, [...(expected.get(place) ?? []), Buffer.from(record.value).toString()]);
      }
    }
  }
  for (const place of new Set([...found.keys(), ...expected.keys()])) {
    const [is, should] = [found.get(place)?.join(' '), expected.get(place)?.join(' ')];
    if (is !== should) return `${place} is ${is}\n  and should be ${should}`;
  }
  return undefined;
}

function portOf(store: SimulatedStore) {
  return { position: store.position.bind(store), server: store.server.bind(store), apply: store.apply.bind(store) };
}
