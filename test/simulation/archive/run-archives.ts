// One simulated run of an archive: events come, owners overlap, die and come back, log, store and
// blob store fail; then all heals and the files are read.

import type { BlobStore } from '../../../drivers/blob-store/blob-store.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import { ARCHIVE_CONSUMER, type ArchiveLayout, archiveScopeOf, FILES_TABLE } from '../../../worker/archive/layout.ts';
import { type ArchiveStore, startArchive } from '../../../worker/archive/run-archive.ts';
import { startRekey } from '../../../worker/fold/rekey.ts';
import type { StageObserver } from '../../../worker/fold/stage.ts';
import { type Archived, judgeArchive } from '../../judge/archive.ts';
import { type BlobFaults, createSimulatedBlobs, type SimulatedObjects } from '../blobs/simulated-blobs.ts';
import type { SimulatedProcess } from '../kernel/process.ts';
import { Simulation } from '../kernel/simulation.ts';
import { EPOCH } from '../kernel/virtual-time.ts';
import { SimulatedBroker } from '../log/broker.ts';
import { NO_LOG_FAULTS } from '../log/log-faults.ts';
import { SimulatedLog } from '../log/simulated-log.ts';
import type { SimulatedRun } from '../runner/simulated-run.ts';
import { SimulatedState } from '../store/simulated-state.ts';
import { SimulatedStore, type StoreFaults } from '../store/simulated-store.ts';
import { disturb, settle } from '../trouble/disturb.ts';
import { drawLogFaults, drawRate } from '../trouble/draw-log-faults.ts';
import { Owners } from '../trouble/owners.ts';
import { startShuffle } from './shuffle.ts';

const SOURCE = 'events';
const KEYED = 'keyed';
const SOURCES = 3;
const TARGETS = 2;
const TROUBLE_MS = 60_000;
const HEALED_MS = 180_000;
const DAY_MS = 86_400_000;

export interface ArchiveRun extends SimulatedRun {
  readonly files: number;
}

export interface ArchiveMutation {
  /** The store writes whatever the position is. */
  readonly unfenced?: boolean;
  /** What was decided about a range is not asked for. */
  readonly undecided?: boolean;
  /** Repeated records are archived again. */
  readonly forgetful?: boolean;
}

export function runArchives(seed: number, mutation: ArchiveMutation = {}): ArchiveRun {
  const simulation = new Simulation(seed);
  const { chance } = simulation;
  const most = {
    ...{ slow: 0.05, appendFails: 0.1, appendUnknown: 0.1, appendHalf: 0.1, appendLate: 0.1 },
    ...{ commitFails: 0.2, readFails: 0.1, callFails: 0.05, gap: 0.2, overlap: 0.8, shuffle: 0.5 },
  };
  const broker = new SimulatedBroker(simulation, drawLogFaults(chance, most, { slowMs: 3_000 }));
  const state = new SimulatedState();
  state.fenced = mutation.unfenced !== true;
  const storeFaults: StoreFaults = { latencyMs: 20, fails: drawRate(chance, 'store fails', 0.2) };
  const blobFaults: BlobFaults = {
    latencyMs: 50,
    fails: drawRate(chance, 'blobs fail', 0.2),
    late: 0.5,
    lateMs: 5_000,
  };
  const objects: SimulatedObjects = new Map();
  const sights = new Set<string>();
  broker.ensureTopic(SOURCE, { partitions: SOURCES });
  broker.ensureTopic(KEYED, { partitions: TARGETS });
  /**
   * Straight from the Topic, or behind a stage that may append twice, or behind one that
   * appends in any order, too.
   */
  const before = chance.pick('before', ['nothing', 'rekey', 'calls']);
  const marked = before !== 'nothing';
  const topic = marked ? KEYED : SOURCE;
  const partitions = marked ? TARGETS : SOURCES;
  /**
   * In the middle a new definition comes; then files of the old one that
   * were never noted may be left.
   */
  const changes = chance.happens('changes', 0.3);
  const every = chance.int('every', 500, 5_000);
  const hasFolders = chance.happens('folders', 0.4);
  if (hasFolders) sights.add('folders');
  const layoutAt = (now: number): ArchiveLayout => ({
    namespace: 'shop',
    table: 'clicks',
    root: 'archive/shop/clicks/',
    id: 'abcd1234',
    format: 'jsonl',
    compression: 'none',
    partitionBy: 'day',
    ...(hasFolders && { folders: ['color'] }),
    definition: changes && now > TROUBLE_MS / 2 ? 'two' : 'one',
  });

  let events = 0;
  const publish = () => {
    if (simulation.now > TROUBLE_MS) return;
    for (let left = chance.int('events', 1, 8); left > 0; left--) {
      const value = Buffer.from(`${events++}`);
      broker.append(
        SOURCE,
        [{ key: `k${events % 5}`, partition: chance.int('source', 0, SOURCES - 1), value, headers: {} }],
        'publisher',
      );
    }
    simulation.after(chance.int('publishing', 50, 2_000), 'publish', publish);
  };
  publish();

  const observer: StageObserver = {
    trouble: () => sights.add('trouble'),
    superseded: (_, why) => sights.add(why),
    jumped: () => sights.add('jumped'),
    refused: () => sights.add('refused'),
  };
  const start = (process: SimulatedProcess) => {
    const log = new SimulatedLog(broker, process);
    const store: ArchiveStore = new SimulatedStore(state, process, storeFaults);
    const blobs = createSimulatedBlobs(objects, process, blobFaults) as BlobStore;
    const { world } = process;
    const again = (act: () => Promise<unknown>) => {
      act().catch(() => world.after(500, () => again(act)));
    };
    if (before === 'calls') again(() => startShuffle({ world, log, observer, source: SOURCE, target: KEYED }));
    if (before === 'rekey') {
      const project = (record: LogRecord) => [{ key: record.key ?? '', value: record.value }];
      const settings = { group: 'rekey', topic: SOURCE, target: KEYED, project, refused: async () => {} };
      again(() => startRekey({ world, log, observer, settings }));
    }
    again(() =>
      startArchive({
        world,
        log,
        store: mutation.forgetful ? forgetful(store) : store,
        blobs: mutation.undecided ? deaf(blobs) : blobs,
        observer,
        settings: {
          group: 'archive',
          topic,
          marked,
          unordered: before === 'calls',
          layout: layoutAt(simulation.now),
          roll: { size: 600, every },
          retention: undefined,
          begin: async () => 0,
          toEvents: hasFolders ? toEventsInFolders : toEvents,
          refused: async () => {},
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
  blobFaults.fails = 0;
  if (changes) owners.killAll();
  owners.start();
  const inside = () => compare({ broker, state, objects, topic, partitions, orphans: changes });
  settle(simulation, { deadline: TROUBLE_MS + HEALED_MS, every: 100, isRight: () => inside() === undefined });
  return { wrong: inside(), sights, steps: simulation.steps, trace: chance.trace, files: objects.size };
}

function toEventsInFolders(record: LogRecord) {
  return toEvents(record).map(each => ({
    ...each,
    folders: `color=${['red', 'blue', 'none'][each.event.data.number % 3]}`,
  }));
}

function toEvents({ value }: LogRecord) {
  const number = Number(Buffer.from(value).toString());
  // Every seventh is filtered out, every fifth is two, and some are late by days.
  if (number % 7 === 3) return [];
  const timeMs = EPOCH + number * 60_000 - (number % 11 === 0 ? DAY_MS * (1 + (number % 3)) : 0);
  const event = (nr: number) => {
    const data = { number, nr };
    return { event: { specversion: '1.0' as const, id: `${number}.${nr}`, source: '/s', type: 'T', data }, timeMs };
  };
  const all = number % 5 === 0 ? [event(0), event(1)] : [event(0)];
  return all.map(each => ({ ...each, key: null }));
}

interface Ended {
  readonly broker: SimulatedBroker;
  readonly state: SimulatedState;
  readonly objects: SimulatedObjects;
  readonly topic: string;
  readonly partitions: number;
  /** Whether files that nobody knows of may be left. */
  readonly orphans: boolean;
}

/** Every event is in exactly one of the files that are noted, and no other file is there. */
function compare({ broker, state, objects, topic, partitions, orphans }: Ended): string | undefined {
  const noted = new Set<string>();
  for (let partition = 0; partition < partitions; partition++) {
    const scope = archiveScopeOf({ namespace: 'shop', id: 'abcd1234' }, partition);
    const position = state.position(scope, ARCHIVE_CONSUMER, partition);
    const end = broker.partitions(topic)?.[partition]?.history.at(-1)?.offset ?? -1;
    if ((position ?? 0) <= end) return `partition ${partition} is archived up to ${position} of ${end + 1}`;
    for (const [, text] of state.rowsOf(scope, FILES_TABLE)) noted.add(JSON.parse(text).key);
  }
  const files = [...objects].filter(([key]) => !key.includes('/_ranges/'));
  const [wrong] = judgeArchive({
    files: new Map(files.map(([key, bytes]) => [key, archivedIn(bytes)])),
    noted,
    expected: (broker.partitions(SOURCE) ?? []).flatMap(({ history }) =>
      history.flatMap(record => toEvents(record).map(({ event }) => event.id)),
    ),
    orphans,
  });
  return wrong;
}

function archivedIn(bytes: Uint8Array): Archived[] {
  const lines = Buffer.from(bytes).toString().trimEnd().split('\n');
  return lines.map(line => JSON.parse(line));
}

/** Whoever comes second believes to be the first. */
function deaf(blobs: BlobStore): BlobStore {
  return {
    ...blobs,
    put: (key, body, options) => blobs.put(key, body, key.includes('/_ranges/') ? {} : options),
    list: async () => ({ blobs: [], next: undefined }),
  };
}

/** Keeps the position, and nothing of what it had seen. */
function forgetful(store: ArchiveStore): ArchiveStore {
  return {
    ...portOf(store),
    async scan(...asked) {
      const { rows } = await store.scan(...asked);
      return { rows: rows.filter(({ key }) => key === ARCHIVE_CONSUMER), next: undefined };
    },
  };
}

function portOf(store: ArchiveStore) {
  return {
    position: store.position.bind(store),
    server: store.server.bind(store),
    apply: store.apply.bind(store),
    row: store.row.bind(store),
  };
}
