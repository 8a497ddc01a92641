// What the processes of a platform must agree on, or tell each other: over the store, which they share; nothing of it where only this one has the store.
import type { PurgeQuery } from '../../admin/policy-view.ts';
import { type Epoch, epochAlone } from '../../core/epoch.ts';
import type { JobSignals } from '../../core/jobs/job-signals.ts';
import type { ViewSignals } from '../../core/views/view-signals.ts';
import type { World } from '../../core/world.ts';
import type { Hints } from '../../drivers/store/hints.ts';
import type { Keys } from '../../drivers/store/store.ts';
import { createMemorySwitches, type SwitchStore } from '../../gateway/strangler/switches.ts';
import type { Wishes } from '../../worker/plan/wishes.ts';
import { readLocalSwitches } from '../local-switches.ts';
import { createPresence, type PresenceStore } from './presence.ts';
import { createPurges } from './purges.ts';
import { shareJobSignals } from './share-job-signals.ts';
import { shareViewSignals } from './share-view-signals.ts';
import { createSwitches } from './switches.ts';

type SharedStore = Pick<Keys, 'get' | 'put'> & PresenceStore;

export interface SharedOptions {
  readonly world: World;
  /** Undefined where nothing can be kept. */
  readonly storage: { readonly store: SharedStore; readonly hints: Hints | undefined } | undefined;
  /** Of the application. */
  readonly directory: string;
  /** Forgets answers that this process keeps. */
  forget(query: PurgeQuery): number;
}

export interface Shared {
  readonly signals: JobSignals;
  readonly viewSignals: ViewSignals;
  /** Of this process. */
  readonly epoch: Epoch;
  /** What other processes want; undefined where there are none. */
  readonly wishes: Wishes | undefined;
  readonly switches: SwitchStore;
  /** Forgets answers, here and in all other processes. */
  purge(query: PurgeQuery): Promise<number>;
  /** Reads what there is, before the first plan. A store that is away is no reason not to start: it is read as soon as it is back. */
  load(): Promise<void>;
  close(): Promise<void>;
}

export function createShared({ world, storage, directory, forget }: SharedOptions): Shared {
  const signals = shareJobSignals(world, storage?.hints);
  const viewSignals = shareViewSignals(world, storage?.hints);
  if (storage === undefined) {
    return {
      signals,
      viewSignals,
      epoch: epochAlone(world.id()),
      wishes: undefined,
      switches: createMemorySwitches(),
      purge: async query => forget(query),
      load: async () => {},
      close: async () => {},
    };
  }
  const { store, hints } = storage;
  const switches = createSwitches(world, store, hints);
  const purges = hints && createPurges({ world, store, hints, forget });
  const presence = hints && createPresence(world, store);
  const local = readLocalSwitches(directory);
  const taking = async () => {
    try {
      await switches.load(local?.switches);
      local?.taken();
    } catch (error) {
      if (hints === undefined) throw error;
    }
  };
  return {
    signals,
    viewSignals,
    epoch: presence ?? epochAlone(world.id()),
    wishes: presence,
    switches,
    purge: purges ? purges.purge : async query => forget(query),
    async load() {
      await Promise.all([taking(), purges?.load(), presence?.begin()]);
    },
    async close() {
      switches.close();
      purges?.close();
      signals.close();
      viewSignals.close();
      await presence?.close();
    },
  };
}
