// The parts that start once all others are there: consumers, the resources that they follow, and
// the file that says where the platform is.
import { unlessAborted } from '../../core/unless-aborted.ts';
import { sleep } from '../../core/world.ts';
import type { CatalogEvents } from '../../resources/catalog/catalog.ts';
import { createFileCatalog } from '../../resources/catalog/file-catalog.ts';
import { publicAlone } from '../../resources/ownership/listeners.ts';
import { createAnnouncer } from '../announcement.ts';
import { secretsBesides } from '../functions/local-secrets.ts';
import { ChangeTeller } from './change-teller.ts';
import type { PlatformPart, PlatformParts } from './platform-part.ts';

/** How long the start waits for topics and dispatchers. */
const SETTLE_MS = 5_000;
/** The same for what is said of a change: a former consumer may take 5 s to end. */
const CHANGE_SETTLES_MS = 15_000;

/**
 * Reads what earlier processes have left to do. It ends before the
 * listeners that its functions call.
 */
export const deliveries: PlatformPart<'options' | 'shared' | 'plane'> = {
  name: 'deliveries',
  async start({ options: { signal }, shared, plane }) {
    const loading = Promise.all([shared.load(), plane.load()]);
    await (signal ? unlessAborted(loading, signal) : loading);
    return {};
  },
  stop: ({ plane }, graceMs) => plane.close(graceMs),
};

export const announcer: PlatformPart<
  'options' | 'role' | 'directory' | 'adminToken' | 'keys' | 'progress' | 'log' | 'inForce',
  'announcer'
> = {
  name: 'announcer',
  start: given => ({ announcer: createAnnouncer({ ...given, inPod: given.options.cluster !== undefined }) }),
};

export const resources: PlatformPart<
  'options' | 'world' | 'directory' | 'progress' | 'log' | 'accept' | 'announcer' | 'plane',
  'catalog'
> = {
  name: 'resources',
  async start(given) {
    const catalog = await openCatalog(given);
    given.progress.catalog = catalog;
    return { catalog };
  },
  stop: ({ catalog }) => catalog.close(),
};

async function openCatalog({
  options: { cluster, events, signal, watch, listeners = publicAlone },
  world,
  directory,
  log,
  accept,
  announcer: { announce },
  plane,
}: Pick<PlatformParts, 'options' | 'world' | 'directory' | 'log' | 'accept' | 'announcer' | 'plane'>) {
  const consumersBegin = () => settledWithin(CHANGE_SETTLES_MS, { plane, world, signal });
  const teller = new ChangeTeller({ events, consumersBegin, signal, log });
  const followed: CatalogEvents = {
    accepted(snapshot) {
      announce();
      teller.accepted(snapshot);
    },
    refused: problems => teller.refused(problems),
  };
  const besides = watch ? secretsBesides(directory) : undefined;
  const catalog = await (cluster
    ? cluster.open({ accept, events: followed, signal })
    : createFileCatalog({ world, directory, watch, listeners, besides, accept, events: followed }));
  teller.started();
  return catalog;
}

/** It lets go what debuggers hold before all else ends: what is held would not end. */
export const debuggers: PlatformPart<'debugPorts'> = {
  name: 'debuggers',
  async start({ debugPorts }) {
    await debugPorts?.opened();
    return {};
  },
  drain: ({ debugPorts }) => debugPorts?.close(),
};

/** The first request finds its topics; a log that cannot make them must not delay the rest. */
export const topics: PlatformPart<'options' | 'world' | 'plane'> = {
  name: 'topics',
  async start({ options: { signal }, world, plane }) {
    await settledWithin(SETTLE_MS, { plane, world, signal });
    return {};
  },
};

/** Whether the parts of the newest plan run by then, or an attempt has failed. */
async function settledWithin(
  ms: number,
  { plane, world, signal }: Pick<PlatformParts, 'plane' | 'world'> & { readonly signal: AbortSignal | undefined },
): Promise<boolean> {
  const over = new AbortController();
  const end = signal ? AbortSignal.any([signal, over.signal]) : over.signal;
  const isOver = sleep(world, ms, end).then(
    () => false,
    () => false,
  );
  const isSettled = plane.settled().then(
    () => true,
    () => false,
  );
  return Promise.race([isSettled, isOver]).finally(() => over.abort());
}

export const announcement: PlatformPart<'announcer'> = {
  name: 'announcement',
  start: own => {
    own.announcer.announce();
    return {};
  },
  stop: own => own.announcer.withdraw(),
};
