// Takes an event of a Topic with `deduplicate` once. A repeat within the window gets the position
// of the first, and nothing is appended.
import { hash } from 'node:crypto';
import { eventContentOf, eventNameOf } from '../../core/cloudevents/same-event.ts';
import { TenfoldError } from '../../core/errors.ts';
import type { Incarnation } from '../../core/incarnation.ts';
import { assertFirstVersion } from '../../core/stored-version.ts';
import { sleep, type World } from '../../core/world.ts';
import type { AppendedAt, EventLog, NewRecord } from '../../drivers/event-log/event-log.ts';
import { noReminders, putLasting, type Reminders } from '../../drivers/store/reminders.ts';
import type { Keys, StoreEntry } from '../../drivers/store/store.ts';
import type { Appender, Settled } from '../endpoints/appender.ts';
import { findEvent } from './find-event.ts';

export interface PublishOnceOptions {
  readonly world: World;
  readonly store: Keys;
  readonly log: Pick<EventLog, 'bounds' | 'read' | 'offsetAt'>;
  readonly appender: Appender;
  readonly incarnation?: Incarnation | undefined;
  readonly reminders?: Reminders | undefined;
  /** Of the resource. */
  readonly namespace: string;
  readonly name: string;
  /** In the log. */
  readonly topic: string;
  readonly windowMs: number;
}

/** The outcome of one event. */
export type Published =
  | { readonly at: AppendedAt; readonly isRepeat: boolean }
  /** It was not taken: another event had its name. */
  | { readonly error: TenfoldError };

export interface PublishOnce {
  /** In the order of the records, which have the attributes of their events in their headers. Rejects when nothing is known of any. */
  publish(records: readonly NewRecord[]): Promise<readonly Published[]>;
}

/** The stored claim on an event. */
interface Memory {
  /** Hash of its content: the same name with another content is another event. */
  readonly content: string;
  /** When it was claimed, milliseconds since 1970, by the clock of who did. */
  readonly at: number;
  /** Different for each claim. */
  readonly claim: string;
  /** Epoch of the process that claimed it. */
  readonly incarnation?: string | undefined;
  /** Position of the event; undefined as long as that is not known. */
  readonly place?: AppendedAt;
  /** It may be in the log or not, and nobody is at it. */
  readonly unknown?: true;
}

interface Claim {
  readonly scope: string;
  readonly key: string;
  readonly memory: Memory;
  readonly version: string;
}

type Turn = { readonly published: Published } | { readonly claim: Claim };

/** So long one waits for another request that publishes the same event at this moment. */
const PATIENCE_MS = 2_000;
const LOOK_MS = 50;
/** A claim of a process of which nobody knows that it has ended is given up after so long: no append takes longer. */
const ABANDONED_MS = 120_000;

/**
 * First the event is claimed in the store, then it is appended, and then its place is noted; the
 * answer waits for the append alone. A publisher that meets a claim without a position, whose
 * process is gone, looks for the event in the log before it appends it again.
 */
export function createPublishOnce(options: PublishOnceOptions): PublishOnce {
  const { world, store, appender, incarnation, reminders = noReminders, topic, windowMs } = options;
  /** Claims of this process whose events are being appended. */
  const live = new Set<string>();

  const take = async (record: NewRecord): Promise<Turn> => {
    const { scope, key } = placeOfMemory(options, record);
    const memory: Memory = {
      content: eventContentOf(record),
      at: world.now(),
      claim: world.id(),
      incarnation: incarnation?.id,
    };
    const giveUp = world.monotonic() + PATIENCE_MS;
    live.add(memory.claim);
    try {
      for (;;) {
        const outcome = await claimIt(scope, key, memory, 'absent');
        if (outcome.written) return { claim: { scope, key, memory, version: outcome.version } };
        const met = outcome.entry && toMemory(outcome.entry);
        if (outcome.entry && met) {
          if (met.content !== memory.content) return { published: { error: reused() } };
          if (met.place) return done({ published: { at: met.place, isRepeat: true } }, memory);
          if (await isNobodys(met)) {
            const taken = await takeOver(record, { scope, key, memory, met, entry: outcome.entry });
            if (taken) return taken;
          }
        }
        if (world.monotonic() >= giveUp) throw underWay();
        await sleep(world, LOOK_MS);
      }
    } catch (error) {
      live.delete(memory.claim);
      throw error;
    }
  };

  const done = (turn: Turn, { claim }: Memory): Turn => {
    live.delete(claim);
    return turn;
  };

  /** Undefined: another was quicker. */
  const takeOver = async (
    record: NewRecord,
    { scope, key, memory, met, entry }: Omit<Claim, 'version'> & { readonly met: Memory; readonly entry: StoreEntry },
  ): Promise<Turn | undefined> => {
    // The time of the first claim stays: the event may have been appended since then by any of them.
    const again: Memory = { ...memory, at: Math.min(met.at, memory.at) };
    const taken = await claimIt(scope, key, again, { version: entry.version });
    if (!taken.written) return undefined;
    const claim = { scope, key, memory: again, version: taken.version };
    const found = await findEvent(options.log, topic, record, again.at);
    if (found === undefined) return { claim };
    note(claim, found);
    return done({ published: { at: found, isRepeat: true } }, again);
  };

  const claimIt = async (scope: string, key: string, memory: Memory, when: 'absent' | { readonly version: string }) => {
    try {
      return await store.put(scope, key, JSON.stringify(memory), { ttlMs: windowMs, when });
    } catch (error) {
      // It may be there all the same, and nobody would append.
      release({ scope, key, memory });
      throw error;
    }
  };

  const isNobodys = async ({ incarnation: owner, claim, at, unknown }: Memory): Promise<boolean> => {
    if (unknown) return true;
    if (owner !== undefined && owner === incarnation?.id) return !live.has(claim);
    if (owner !== undefined && incarnation !== undefined && (await incarnation.isOver(owner))) return true;
    // Also by a clock that is far ahead of this one, or nobody would get through until it is so late here.
    return Math.abs(world.now() - at) >= ABANDONED_MS;
  };

  /**
   * Stores the position. The event is taken even when this fails, and the next publisher finds it
   * in the log.
   */
  const note = (claim: Claim, place: AppendedAt) => write(claim, { ...claim.memory, place });

  const write = ({ scope, key, version }: Claim, memory: Memory) => {
    live.delete(memory.claim);
    const value = JSON.stringify(memory);
    putLasting(store, reminders, { scope, key, value, ttlMs: windowMs, version }).catch(() => undefined);
  };

  /** Nothing was appended for it. */
  const release = ({ scope, key, memory }: Omit<Claim, 'version'>) => {
    live.delete(memory.claim);
    const tell = async () => {
      const entry = await store.get(scope, key);
      if (entry && toMemory(entry).claim === memory.claim) await store.delete(scope, key, { version: entry.version });
    };
    tell().catch(() => reminders.remember(200, tell, false));
  };

  const append = async (records: readonly NewRecord[], claims: readonly Claim[]): Promise<readonly AppendedAt[]> => {
    const settled = (outcome: Settled) => {
      for (const [index, claim] of claims.entries()) {
        const place = 'places' in outcome ? outcome.places[index] : undefined;
        if (place) note(claim, place);
        else if ('error' in outcome && isNothingDone(outcome.error)) release(claim);
        else write(claim, { ...claim.memory, unknown: true });
      }
    };
    return appender.append(topic, records, settled);
  };

  return {
    async publish(records) {
      const first = new Map<string, number>();
      const own = records.map((record, index) => {
        const name = nameOf(record);
        const before = first.get(name);
        if (before === undefined) first.set(name, index);
        return before;
      });
      const turns = await Promise.allSettled(
        records.map((record, index) => (own[index] === undefined ? take(record) : undefined)),
      );
      const failed = turns.find(turn => turn.status === 'rejected');
      const claims = turns.map(turn =>
        turn.status === 'fulfilled' && turn.value && 'claim' in turn.value ? turn.value.claim : undefined,
      );
      const going = claims.flatMap(claim => claim ?? []);
      if (failed) {
        for (const claim of going) release(claim);
        throw toRefusal(failed.reason);
      }
      const places =
        going.length === 0
          ? []
          : await append(
              records.filter((_, index) => claims[index]),
              going,
            );
      let next = 0;
      const published = turns.map((turn): Published | undefined => {
        if (turn.status !== 'fulfilled' || turn.value === undefined) return undefined;
        if ('published' in turn.value) return turn.value.published;
        const at = places[next++];
        if (at) return { at, isRepeat: false };
        throw new TenfoldError('log-unavailable', 'The event log has not said where the event stands.', {
          retryAfterSeconds: 1,
        });
      });
      return records.map((record, index): Published => {
        const before = own[index];
        const other = before === undefined ? undefined : records[before];
        const result = published[before ?? index];
        if (result === undefined || (other && eventContentOf(other) !== eventContentOf(record)))
          return { error: reused() };
        return other && 'at' in result ? { at: result.at, isRepeat: true } : result;
      });
    },
  };
}

function placeOfMemory({ namespace, name }: PublishOnceOptions, record: NewRecord) {
  const key = hash('sha256', nameOf(record), 'base64url');
  return { scope: `deduplicate/${namespace}/${name}/${key.slice(0, 2)}`, key };
}

function nameOf({ headers }: NewRecord): string {
  return eventNameOf({ source: headers['ce_source'] ?? '', id: headers['ce_id'] ?? '' });
}

function toMemory({ value }: StoreEntry): Memory {
  const memory: Memory = JSON.parse(Buffer.from(value).toString('utf8'));
  assertFirstVersion('what is remembered of an event', memory);
  return memory;
}

/** Any other rejection of an append comes before anything was written. */
function isNothingDone(error: unknown): boolean {
  return error instanceof TenfoldError && error.code !== 'log-unavailable';
}

function reused(): TenfoldError {
  return new TenfoldError(
    'key-reused',
    'An event with this source and id, and other data, was published before. Give each event an id of its own.',
  );
}

function underWay(): TenfoldError {
  return new TenfoldError(
    'log-unavailable',
    'The same event is being published by another request, of which nothing is known yet. Try again in a moment.',
    { retryAfterSeconds: 1 },
  );
}

function toRefusal(error: unknown): unknown {
  if (!(error instanceof TenfoldError) || error.code !== 'store-unavailable') return error;
  return new TenfoldError(
    'store-unavailable',
    'Whether the event was published before cannot be found out at the moment.',
    {
      retryAfterSeconds: error.retryAfterSeconds ?? 1,
      cause: error,
    },
  );
}
