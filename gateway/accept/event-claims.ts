// The claims on the events of a Topic with `deduplicate`: who appends an event, where it stands,
// and what becomes of a claim whose owner is gone.
import { hash } from 'node:crypto';
import { eventContentOf, eventNameOf } from '../../core/cloudevents/same-event.ts';
import { TenfoldError } from '../../core/errors.ts';
import type { Incarnation } from '../../core/incarnation.ts';
import { assertFirstVersion } from '../../core/stored-version.ts';
import { sleep, type World } from '../../core/world.ts';
import type { AppendedAt, EventLog, NewRecord } from '../../drivers/event-log/event-log.ts';
import { findEvent } from '../../drivers/event-log/find-event.ts';
import { noReminders, putLasting, type Reminders, remindOfMet } from '../../drivers/store/reminders.ts';
import type { Keys, StoreEntry } from '../../drivers/store/store.ts';
import type { Settled } from '../endpoints/appender.ts';

export interface EventClaimsOptions {
  readonly world: World;
  readonly store: Keys;
  readonly log: Pick<EventLog, 'bounds' | 'read' | 'offsetAt'>;
  readonly incarnation?: Incarnation | undefined;
  readonly reminders?: Reminders | undefined;
  /** Of the resource. */
  readonly namespace: string;
  readonly name: string;
  /** In the log. */
  readonly topic: string;
  readonly windowMs: number;
}

/**
 * The answer to a publisher: the event is its own to append, or another has published it, or
 * another event has its name.
 */
export type ClaimOutcome =
  | { readonly claim: EventClaim }
  | { readonly place: AppendedAt }
  | { readonly error: TenfoldError };

export interface EventClaim {
  readonly scope: string;
  readonly key: string;
  readonly memory: Memory;
  readonly version: string;
}

/** A claim before the store has it. */
type NewClaim = Omit<EventClaim, 'version'>;

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

/** So long one waits for another request that publishes the same event at this moment. */
const PATIENCE_MS = 2_000;
const LOOK_MS = 50;
/**
 * A claim of a process of which nobody knows that it has ended is given up after so
 * long: no append takes longer.
 */
const ABANDONED_MS = 120_000;

/**
 * First the event is claimed in the store, then it is appended, and then its place is noted; the
 * answer waits for the append alone. A publisher that meets a claim without a position, whose
 * process is gone, looks for the event in the log before it appends it again.
 */
export class EventClaims {
  readonly #options: EventClaimsOptions;
  readonly #reminders: Reminders;
  /** Claims of this process whose events are being appended. */
  readonly #live = new Set<string>();

  constructor(options: EventClaimsOptions) {
    this.#options = options;
    this.#reminders = options.reminders ?? noReminders;
  }

  async take(record: NewRecord): Promise<ClaimOutcome> {
    const { world } = this.#options;
    const wanted = this.#newClaim(record);
    const giveUp = world.monotonic() + PATIENCE_MS;
    this.#live.add(wanted.memory.claim);
    try {
      for (;;) {
        const outcome = await this.#put(wanted, 'absent');
        if (outcome.written) return { claim: { ...wanted, version: outcome.version } };
        const settled = outcome.entry && (await this.#settle(record, wanted, outcome.entry));
        if (settled) {
          if (!('claim' in settled)) this.#live.delete(wanted.memory.claim);
          return settled;
        }
        if (world.monotonic() >= giveUp) throw underWay();
        await sleep(world, LOOK_MS);
      }
    } catch (error) {
      this.#live.delete(wanted.memory.claim);
      throw error;
    }
  }

  /** The append of the claimed events has ended. */
  settle(claims: readonly EventClaim[], outcome: Settled): void {
    for (const [index, claim] of claims.entries()) {
      const place = 'places' in outcome ? outcome.places[index] : undefined;
      if (place) this.#note(claim, place);
      else if ('error' in outcome && isNothingDone(outcome.error)) this.release(claim);
      else this.#write(claim, { ...claim.memory, unknown: true });
    }
  }

  /** Nothing was appended for it. */
  release({ scope, key, memory }: NewClaim): void {
    const { store } = this.#options;
    this.#live.delete(memory.claim);
    const tell = async () => {
      const entry = await store.get(scope, key);
      if (entry && toMemory(entry).claim === memory.claim) await store.delete(scope, key, { version: entry.version });
    };
    tell().catch(() => this.#reminders.remember(200, tell, false));
  }

  #newClaim(record: NewRecord): NewClaim {
    const { world, incarnation, namespace, name } = this.#options;
    const key = hash('sha256', nameOf(record), 'base64url');
    const scope = `deduplicate/${namespace}/${name}/${key.slice(0, 2)}`;
    const content = eventContentOf(record);
    return { scope, key, memory: { content, at: world.now(), claim: world.id(), incarnation: incarnation?.id } };
  }

  /** The outcome where another has a claim on the event; undefined while the other is at it. */
  async #settle(record: NewRecord, wanted: NewClaim, entry: StoreEntry): Promise<ClaimOutcome | undefined> {
    const met = toMemory(entry);
    if (met.content !== wanted.memory.content) return { error: nameReused() };
    if (met.place) {
      this.#remindOf(wanted, met);
      return { place: met.place };
    }
    return (await this.#isNobodys(met)) ? this.#takeOver(record, wanted, met, entry) : undefined;
  }

  /** Undefined: another was quicker. */
  async #takeOver(
    record: NewRecord,
    wanted: NewClaim,
    met: Memory,
    entry: StoreEntry,
  ): Promise<ClaimOutcome | undefined> {
    const { log, topic } = this.#options;
    // The time of the first claim stays: the event may have been appended
    // since then by any of them.
    const again = { ...wanted, memory: { ...wanted.memory, at: Math.min(met.at, wanted.memory.at) } };
    const taken = await this.#put(again, { version: entry.version });
    if (!taken.written) return undefined;
    const claim = { ...again, version: taken.version };
    const place = await findEvent(log, topic, record, again.memory.at);
    if (place === undefined) return { claim };
    this.#note(claim, place);
    return { place };
  }

  async #put(claim: NewClaim, when: 'absent' | { readonly version: string }) {
    const { store, windowMs } = this.#options;
    try {
      return await store.put(claim.scope, claim.key, JSON.stringify(claim.memory), { ttlMs: windowMs, when });
    } catch (error) {
      // It may be there all the same, and nobody would append.
      this.release(claim);
      throw error;
    }
  }

  async #isNobodys({ incarnation: owner, claim, at, unknown }: Memory): Promise<boolean> {
    const { world, incarnation } = this.#options;
    if (unknown) return true;
    if (owner !== undefined && owner === incarnation?.id) return !this.#live.has(claim);
    if (owner !== undefined && incarnation !== undefined && (await incarnation.isOver(owner))) return true;
    // Also by a clock that is far ahead of this one, or nobody would get through
    // until it is so late here.
    return Math.abs(world.now() - at) >= ABANDONED_MS;
  }

  /**
   * Stores the position. The event is taken even when this fails, and the next publisher finds it
   * in the log.
   */
  #note(claim: EventClaim, place: AppendedAt): void {
    this.#write(claim, { ...claim.memory, place });
  }

  #remindOf({ scope, key }: NewClaim, met: Memory): void {
    const { world, store, windowMs } = this.#options;
    const ttlMs = Math.min(windowMs, met.at + windowMs - world.now());
    remindOfMet(store, this.#reminders, { scope, key, value: JSON.stringify(met), ttlMs });
  }

  #write({ scope, key, version }: EventClaim, memory: Memory): void {
    const { store, windowMs } = this.#options;
    this.#live.delete(memory.claim);
    const value = JSON.stringify(memory);
    putLasting(store, this.#reminders, { scope, key, value, ttlMs: windowMs, version }).catch(() => undefined);
  }
}

export function nameOf({ headers }: NewRecord): string {
  return eventNameOf({ source: headers['ce_source'] ?? '', id: headers['ce_id'] ?? '' });
}

/** The error for an event with the name of another. */
export function nameReused(): TenfoldError {
  return new TenfoldError(
    'key-reused',
    'An event with this source and id, and other data, was published before. Give each event an id of its own.',
  );
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

function underWay(): TenfoldError {
  return new TenfoldError(
    'log-unavailable',
    'The same event is being published by another request, of which nothing is known yet. Try again in a moment.',
    { retryAfterSeconds: 1 },
  );
}
