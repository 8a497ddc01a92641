// One simulated run of a fold: events come, owners overlap, die and come back, log and store fail;
// then all heals and the state is compared.

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
import type { SimulatedRun } from '../runner/simulated-run.ts';
import { LosingState } from '../store/losing-state.ts';
import { SimulatedStore, type StoreFaults } from '../store/simulated-store.ts';
import { disturb, settle } from '../trouble/disturb.ts';
import { drawLogFaults, drawRate } from '../trouble/draw-log-faults.ts';
import { Owners } from '../trouble/owners.ts';

const SOURCE = 'events';
const TARGET = 'keyed';
const TABLE = 'words';
const SOURCES = 3;
const TARGETS = 2;
const KEYS = 5;
const TROUBLE_MS = 60_000;
const HEALED_MS = 120_000;

export interface Mutation {
  /** The store writes whatever the position is. */
  readonly unfenced?: boolean;
  /** Repeated records are folded again. */
  readonly forgetful?: boolean;
}

export function runFolds(seed: number, mutation: Mutation = {}): SimulatedRun {
  const simulation = new Simulation(seed);
  const { chance } = simulation;
  const most = {
    ...{ slow: 0.05, appendRefused: 0.1, appendFails: 0.1, appendUnknown: 0.1, appendHalf: 0.1, appendLate: 0.1 },
    ...{ commitFails: 0.2, commitLate: 0.2, readFails: 0.1, callFails: 0.05, gap: 0.2, overlap: 0.8, shuffle: 0.5 },
  };
  const broker = new SimulatedBroker(simulation, drawLogFaults(chance, most, { slowMs: 3_000 }));
  const state = new LosingState(simulation, drawRate(chance, 'a step is lost', 0.3));
  state.fenced = mutation.unfenced !== true;
  const storeFaults: StoreFaults = { latencyMs: 20, fails: drawRate(chance, 'store fails', 0.2) };
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
  const start = (process: SimulatedProcess) => {
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
  };
  const owners = new Owners({ simulation, start });
  owners.start();
  owners.start();

  disturb({
    simulation,
    until: TROUBLE_MS,
    firstAfter: 1_000,
    every: [100, 6_000],
    once() {
      const act = chance.pick('disturbance', ['kill', 'pause', 'fail over', 'replicate', 'join']);
      sights.add(act);
      if (act === 'kill') owners.killFirst();
      if (act === 'fail over') state.failOver();
      if (act === 'replicate') state.replicate();
      if (act === 'pause') owners.pauseFirst(15_000);
      owners.keepUp(act === 'join');
    },
  });
  simulation.run(TROUBLE_MS + 1);

  broker.faults = { ...NO_LOG_FAULTS };
  storeFaults.fails = 0;
  state.rate = 0;
  const inside = () => compare(broker, state);
  settle(simulation, { deadline: TROUBLE_MS + HEALED_MS, every: 50, isRight: () => inside() === undefined });
  return { wrong: inside(), sights, steps: simulation.steps, trace: chance.trace };
}

/** Two keys for some events, none for others. */
function keyed({ value }: Pick<LogRecord, 'value'>): string[] {
  const number = Number(Buffer.from(value).toString());
  if (number % 7 === 3) return [];
  const first = `key ${number % KEYS}`;
  return number % 4 === 0 ? [first, `key ${(number + 1) % KEYS}`] : [first];
}

/**
 * Within each source partition every word stands once and in order; between
 * partitions any order is right.
 */
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
