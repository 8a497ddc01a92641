// Reads all objects again and again in the background, slowly, so that damage is found while it can
// be repaired. Processes take turns.

import type { DamagedObject } from '../../admin/object-view.ts';
import { jittered } from '../../core/retry/backoff.ts';
import { every } from '../../core/retry/every.ts';
import { counted } from '../../core/units/counted.ts';
import { sleep } from '../../core/world.ts';
import type { GatewayLogEntry } from '../platform-events.ts';
import { describeOwner } from './owner-of.ts';
import { createPace, type Pace } from './read-object.ts';
import {
  NO_UNKNOWN,
  readScrubState,
  type ScrubState,
  type SeenState,
  type UnknownKeys,
  withUnknown,
  writeScrubState,
} from './scrub-state.ts';
import { Damages, type ObjectSite, walkContents, walkManifests } from './walk-objects.ts';

export interface ScrubOptions {
  readonly site: ObjectSite;
  readonly log: (entry: GatewayLogEntry) => void;
  /** Default 4 MiB. */
  readonly bytesPerSecond?: number;
  /** From the end of one pass to the beginning of the next. Default a week. */
  readonly everyMs?: number;
  /**
   * About the time from the start to the first check for work, and from one check to the next.
   * Default a minute.
   */
  readonly firstMs?: number;
  readonly lookMs?: number;
}

export interface Scrub {
  close(): Promise<void>;
}

const BYTES_PER_SECOND = 4 * 1024 ** 2;
const WEEK_MS = 7 * 86_400_000;
/** A start has better things to do. */
const FIRST_MS = 60_000;
const LOOK_MS = 60_000;
const SAVE_MS = 10_000;
/** No object takes longer between two saves; the next process continues from the saved state. */
const HOLD_MS = 5 * 60_000;

export function startScrub(options: ScrubOptions): Scrub {
  const { site, log, bytesPerSecond = BYTES_PER_SECOND, everyMs = WEEK_MS } = options;
  const { firstMs = FIRST_MS, lookMs = LOOK_MS } = options;
  const { world, store, blobs } = site;
  const closing = new AbortController();
  const { signal } = closing;
  const me = world.id();
  const pace = createPace(world, bytesPerSecond, signal);

  /** Undefined when it is not our turn. */
  const take = async (): Promise<SeenState | undefined> => {
    const { state, version } = await readScrubState(store);
    const [now, at] = await Promise.all([store.now(), blobs.now()]);
    if (state.heldUntil > now && state.holder !== me) return undefined;
    const isDue = state.beganAt !== undefined || (state.checkedAt ?? Number.NEGATIVE_INFINITY) + everyMs <= at;
    if (!isDue) return undefined;
    const begun =
      state.beganAt === undefined
        ? { ...state, beganAt: at, after: '', objects: 0, bytes: 0, beyondSoFar: 0, unknownSoFar: NO_UNKNOWN }
        : state;
    const next: ScrubState = { ...begun, holder: me, heldUntil: now + HOLD_MS };
    const written = await writeScrubState(store, next, version);
    return written === undefined ? undefined : { state: next, version: written };
  };

  /** Runs until all is read, or another process has taken over. */
  const pass = async (held: SeenState): Promise<void> => {
    let { state, version } = held;
    const damages = new Damages(state.damaged, state.beyondSoFar);
    let savedAt = world.monotonic();
    const save = async (more: Partial<ScrubState> = {}): Promise<boolean> => {
      const { list: damaged, beyond: beyondSoFar } = damages;
      const heldUntil = (await store.now()) + HOLD_MS;
      const next: ScrubState = { ...state, damaged: [...damaged], beyondSoFar, heldUntil, ...more };
      version = await writeScrubState(store, next, version);
      state = next;
      savedAt = world.monotonic();
      return version !== undefined;
    };
    const found = (object: DamagedObject) => {
      if (damages.add(object)) log(lineOf(object));
    };
    // Renews also amid an object that takes longer than the hold: otherwise two processes would
    // take it from each other for ever.
    const holding: Pace = async bytes => {
      await pace(bytes);
      if (world.monotonic() - savedAt >= SAVE_MS && !(await save()))
        throw new Error('Another process continues the check.');
    };
    try {
      for await (const { after, bytes, damaged, isUnknown } of walkContents(site, state.after, holding, signal)) {
        const unknownSoFar = isUnknown ? withUnknown(state.unknownSoFar, after) : state.unknownSoFar;
        state = { ...state, after, objects: state.objects + 1, bytes: state.bytes + bytes, unknownSoFar };
        if (damaged) found(damaged);
        else damages.remove(after);
      }
      for await (const object of walkManifests(site, signal)) found(object);
      damages.keepSince(state.beganAt ?? 0);
      const { unknownSoFar: unknown, unknown: before } = state;
      const checkedAt = await blobs.now();
      const ended = { beganAt: undefined, after: '', checkedAt, heldUntil: 0, unknown, beyond: damages.beyond };
      if ((await save(ended)) && unknown.count > 0 && unknown.count !== before.count) log(unknownLine(unknown));
    } catch (error) {
      // The next process then continues at once, and from here.
      if (signal.aborted) await save({ heldUntil: 0 });
      throw error;
    }
  };

  const run = async () => {
    // Another part reports an outage of the store; the pass continues from the saved state.
    const held = await take().catch(() => undefined);
    if (held) await pass(held).catch(() => {});
  };
  const begin = async () => {
    await sleep(world, jittered(firstMs, world.random()), signal);
    await run();
    await every(lookMs, run, { world, signal });
  };
  const running = begin().catch(() => {});
  return {
    async close() {
      closing.abort(new Error('The check of objects ends.'));
      await running;
    },
  };
}

function lineOf(object: DamagedObject): GatewayLogEntry {
  const { key, owner, reason } = object;
  const message = `An object in the blob store is damaged: ${describeOwner(owner)}. "tenfold doctor --repair" repairs what can be`;
  return { level: 'error', message, fields: { key, reason } };
}

function unknownLine({ count, keys }: UnknownKeys): GatewayLogEntry {
  const those = `${counted(count, 'object')} in the blob store ${count === 1 ? 'has' : 'have'} no checksum`;
  const message = `${those}, so damage to ${count === 1 ? 'it' : 'them'} does not show. "tenfold doctor --online" lists them`;
  return { level: 'warn', message, fields: { count, first: keys[0] } };
}
