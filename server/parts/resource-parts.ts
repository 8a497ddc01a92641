// The parts that start once all others are there: consumers, the resources that they follow, and
// the file that says where the platform is.
import { unlessAborted } from '../../core/unless-aborted.ts';
import { sleep } from '../../core/world.ts';
import type { CatalogEvents } from '../../resources/catalog/catalog.ts';
import { createFileCatalog } from '../../resources/catalog/file-catalog.ts';
import { publicAlone } from '../../resources/ownership/listeners.ts';
import { createAnnouncer } from '../announcement.ts';
import { secretsBesides } from '../functions/local-secrets.ts';
import type { PlatformPart, PlatformParts } from './platform-part.ts';

/** How long the start waits for topics and dispatchers. */
const SETTLE_MS = 5_000;

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
  'options' | 'world' | 'directory' | 'progress' | 'accept' | 'announcer',
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

function openCatalog({
  options: { cluster, events, signal, watch, listeners = publicAlone },
  world,
  directory,
  accept,
  announcer: { announce },
}: Pick<PlatformParts, 'options' | 'world' | 'directory' | 'accept' | 'announcer'>) {
  const followed: CatalogEvents = {
    accepted(snapshot) {
      announce();
      events.accepted?.(snapshot);
    },
    refused: problems => events.refused?.(problems),
  };
  if (cluster) return cluster.open({ accept, events: followed, signal });
  const besides = watch ? secretsBesides(directory) : undefined;
  return createFileCatalog({ world, directory, watch, listeners, besides, accept, events: followed });
}

/** The first request finds its topics; a log that cannot make them must not delay the rest. */
export const topics: PlatformPart<'options' | 'world' | 'plane'> = {
  name: 'topics',
  async start({ options, world, plane }) {
    await Promise.race([plane.settled(), sleep(world, SETTLE_MS, options.signal).catch(() => {})]);
    return {};
  },
};

export const announcement: PlatformPart<'announcer'> = {
  name: 'announcement',
  start: own => {
    own.announcer.announce();
    return {};
  },
  stop: own => own.announcer.withdraw(),
};
