// What the processes of a platform must agree on, or tell each other: over the store, which they share; nothing of it where only this one has the store.
import type { PurgeQuery } from '../../admin/policy-view.ts';
import type { JobSignals } from '../../core/jobs/job-signals.ts';
import type { ViewSignals } from '../../core/views/view-signals.ts';
import type { World } from '../../core/world.ts';
import type { Hints } from '../../drivers/store/hints.ts';
import type { Keys } from '../../drivers/store/store.ts';
import { createMemorySwitches, type SwitchStore } from '../../gateway/strangler/switches.ts';
import { readLocalSwitches } from '../local-switches.ts';
import { createPurges } from './purges.ts';
import { shareJobSignals } from './share-job-signals.ts';
import { shareViewSignals } from './share-view-signals.ts';
import { createSwitches } from './switches.ts';

export interface SharedOptions {
  readonly world: World;
  /** Undefined where nothing can be kept. */
  readonly storage: { readonly store: Pick<Keys, 'get' | 'put'>; readonly hints: Hints | undefined } | undefined;
  /** Of the application. */
  readonly directory: string;
  /** Forgets answers that this process keeps. */
  forget(query: PurgeQuery): number;
}

export interface Shared {
  readonly signals: JobSignals;
  readonly viewSignals: ViewSignals;
  readonly switches: SwitchStore;
  /** Forgets answers, here and in all other processes. */
  purge(query: PurgeQuery): Promise<number>;
  /** Reads what there is, before the first plan. A store that is away is no reason not to start: it is read as soon as it is back. */
  load(): Promise<void>;
  close(): void;
}

export function createShared({ world, storage, directory, forget }: SharedOptions): Shared {
  const signals = shareJobSignals(world, storage?.hints);
  const viewSignals = shareViewSignals(world, storage?.hints);
  if (storage === undefined) {
    return {
      signals,
      viewSignals,
      switches: createMemorySwitches(),
      purge: async query => forget(query),
      load: async () => {},
      close() {},
    };
  }
  const { store, hints } = storage;
  const switches = createSwitches(world, store, hints);
  const purges = hints && createPurges({ world, store, hints, forget });
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
    switches,
    purge: purges ? purges.purge : async query => forget(query),
    async load() {
      await Promise.all([taking(), purges?.load()]);
    },
    close() {
      switches.close();
      purges?.close();
      signals.close();
      viewSignals.close();
    },
  };
}
