// The state that the processes of a platform share through the store; nothing of it is shared where
// only this process has the store.
import type { PurgeQuery } from '../../admin/policy-view.ts';
import { type Incarnation, soleIncarnation } from '../../core/incarnation.ts';
import type { JobSignals } from '../../core/jobs/job-signals.ts';
import type { ViewSignals } from '../../core/views/view-signals.ts';
import type { World } from '../../core/world.ts';
import type { Hints } from '../../drivers/store/hints.ts';
import { createReminders, KEEP_MS, noReminders, type Reminders } from '../../drivers/store/reminders.ts';
import type { Store } from '../../drivers/store/store.ts';
import type { EvidenceBoard } from '../../gateway/strangler/evidence/peer-gateways.ts';
import { createMemorySwitches, type SwitchStore } from '../../gateway/strangler/phase/switches.ts';
import type { DesiredVersions } from '../../worker/plan/desired-versions.ts';
import type { GatewayLogEntry } from '../platform-events.ts';
import { createSharedEvidence } from './evidence-board.ts';
import { readLocalSwitches } from './local-switches.ts';
import { createPresence, type PresenceStore } from './presence.ts';
import { createPurges } from './purges.ts';
import { shareJobSignals } from './share-job-signals.ts';
import { shareViewSignals } from './share-view-signals.ts';
import { createSwitches } from './switches.ts';

type SharedStore = Pick<Store, 'get' | 'put' | 'keeper'> & PresenceStore;

export interface SharedOptions {
  readonly world: World;
  /** Undefined where nothing can be kept. */
  readonly storage: { readonly store: SharedStore; readonly hints: Hints | undefined } | undefined;
  /** Of the application. */
  readonly directory: string;
  readonly log: (entry: GatewayLogEntry) => void;
  /** Forgets answers that this process keeps. */
  forget(query: PurgeQuery): number;
}

export interface Shared {
  readonly signals: JobSignals;
  readonly viewSignals: ViewSignals;
  /** Of this process. */
  readonly incarnation: Incarnation;
  /**
   * Reminders of the newest writes; they do nothing where only this process has the store, which
   * forgets nothing.
   */
  readonly reminders: Reminders;
  /** The versions that other processes want; undefined where there are none. */
  readonly desiredVersions: DesiredVersions | undefined;
  readonly switches: SwitchStore;
  /** Undefined where there are no other processes. */
  readonly evidence: EvidenceBoard | undefined;
  /** Forgets answers, here and in all other processes. */
  purge(query: PurgeQuery): Promise<number>;
  /**
   * Reads the shared state, before the first plan. A store that is away does not prevent the start:
   * it is read as soon as it is back.
   */
  load(): Promise<void>;
  close(graceMs: number): Promise<void>;
}

export function createShared({ world, storage, directory, log, forget }: SharedOptions): Shared {
  const signals = shareJobSignals(world, storage?.hints);
  const viewSignals = shareViewSignals(world, storage?.hints);
  if (storage === undefined) {
    return {
      signals,
      viewSignals,
      incarnation: soleIncarnation(world.id()),
      reminders: noReminders,
      desiredVersions: undefined,
      switches: createMemorySwitches(),
      evidence: undefined,
      purge: async query => forget(query),
      load: async () => {},
      close: async () => {},
    };
  }
  const { store, hints } = storage;
  const switches = createSwitches(world, store, hints);
  const purges = hints && createPurges({ world, store, hints, forget });
  const reminded = (count: number, heldMs: number) => log(toldAgain(count, heldMs));
  const reminders = hints ? createReminders({ world, store, reminded }) : noReminders;
  const presence = hints && createPresence(world, store, (state, error) => log(presenceSeen(state, error)));
  const evidence = hints && createSharedEvidence(store);
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
    incarnation: presence ?? soleIncarnation(world.id()),
    reminders,
    desiredVersions: presence,
    switches,
    evidence,
    purge: purges ? purges.purge : async query => forget(query),
    async load() {
      await Promise.all([taking(), purges?.load(), presence?.begin()]);
    },
    async close(graceMs) {
      await evidence?.close();
      switches.close();
      purges?.close();
      signals.close();
      viewSignals.close();
      await reminders.close(graceMs);
      await presence?.close();
    },
  };
}

function presenceSeen(state: 'away' | 'back', error: unknown): GatewayLogEntry {
  if (state === 'back') return { level: 'info', message: 'the store knows again that this process runs', fields: {} };
  const message =
    'the store does not take that this process runs, which is told again and again: after 15 seconds other processes take it for ended';
  return { level: 'warn', message, fields: { reason: error instanceof Error ? error.message : String(error) } };
}

function toldAgain(count: number, heldMs: number): GatewayLogEntry {
  const told = 'The store has a new primary, which may lack the newest writes, so this process wrote them again.';
  const isAll = heldMs >= KEEP_MS;
  const message = isAll
    ? told
    : `${told} It holds only the newest 32 MB of them: what the store lost of the time before these \`seconds\` stays lost.`;
  return { level: 'warn', message, fields: { count, seconds: heldMs / 1_000 } };
}
