// Makes a change of an object and its entry in the journal one step. A process that changes a key
// first claims it by a separate object. Others examine and journal the claims that a dead process
// has left.
import { TenfoldError } from '../../../../core/errors.ts';
import { pauseAfter } from '../../../../core/retry/backoff.ts';
import { sleep, type World } from '../../../../core/world.ts';
import type { BlobChange, BlobInfo } from '../../blob-store.ts';
import { timeOf, type Written } from '../blob-info.ts';
import type { Journal } from '../journal/journal.ts';
import type { S3Link } from '../link.ts';
import type { Places } from '../object-names.ts';
import { ClaimObjects, type StoredClaim } from './claim-objects.ts';
import { KeyTurns } from './key-turns.ts';

export interface Claim {
  readonly key: string;
  readonly kind: 'written' | 'deleted';
  /** The stamp of the object that is written, or of this deletion. */
  readonly stamp: string;
  /** How long what is done under it may take, milliseconds. */
  readonly workMs: number;
}

export interface Done<T> {
  readonly result: T;
  readonly change?: BlobChange;
}

export interface KeyClaims {
  /** `work` tells what has changed, if anything. Resolves when that is in the journal. */
  within<T>(claim: Claim, work: () => Promise<Done<T>>, signal?: AbortSignal): Promise<T>;
  /** Tells what owners that are gone have left untold. */
  sweep(): Promise<void>;
  /** Resolves when nothing is under way. */
  settled(): Promise<void>;
}

export interface ClaimsOptions {
  readonly world: World;
  readonly link: S3Link;
  readonly places: Places;
  readonly journal: Journal;
  head(key: string): Promise<Written | undefined>;
}

const PAUSES = { base: 20, max: 600 };

export class ClaimedKeys implements KeyClaims {
  readonly #world: World;
  readonly #journal: Journal;
  readonly #head: ClaimsOptions['head'];
  readonly #objects: ClaimObjects;
  readonly #turns: KeyTurns;
  readonly #requestTimeoutMs: number;
  /** How long a call waits for those that have its key, milliseconds. */
  readonly #patienceMs: number;
  /** Claims of others as they were seen first, by name. */
  readonly #seen = new Map<string, { readonly etag: string; readonly at: number }>();

  constructor({ world, link, places, journal, head }: ClaimsOptions) {
    const patienceMs = Math.max(link.requestTimeoutMs, 1000);
    this.#world = world;
    this.#journal = journal;
    this.#head = head;
    this.#objects = new ClaimObjects(link, places);
    this.#turns = new KeyTurns({ world, patienceMs, stillWriting: key => stillWriting(key, patienceMs) });
    this.#requestTimeoutMs = link.requestTimeoutMs;
    this.#patienceMs = patienceMs;
  }

  async within<T>(claim: Claim, work: () => Promise<Done<T>>, signal?: AbortSignal): Promise<T> {
    const name = this.#objects.nameOf(claim.key);
    // Others take it long after the last byte of what we may send under it has arrived.
    const validMs = (claim.workMs + this.#requestTimeoutMs) * 3;
    const end = await this.#turns.take(claim.key, signal);
    const began = this.#world.monotonic();
    const isOurs = () => this.#world.monotonic() - began < (validMs * 2) / 3;
    // A process that looks at the claim later handles a write that may still arrive.
    const leave = (isSettled: boolean) =>
      isSettled && isOurs()
        ? void this.#objects
            .release(name)
            .catch(() => {})
            .finally(end)
        : end(); // not released: found by the sweep
    try {
      await this.#acquire(claim, validMs, signal);
    } catch (error) {
      end();
      throw error;
    }
    try {
      if (this.#world.monotonic() - began > validMs / 3)
        throw new TenfoldError('overloaded', `The claim on '${claim.key}' took too long. Try again.`);
      const { result, change } = await work();
      if (change) await this.#journal.append(change);
      leave(true);
      return result;
    } catch (error) {
      leave(error instanceof TenfoldError && error.code !== 'store-unavailable');
      throw error;
    }
  }

  async sweep(): Promise<void> {
    const claims = await this.#objects.list();
    const names = new Set(claims.map(({ name }) => name));
    for (const name of this.#seen.keys()) if (!names.has(name)) this.#seen.delete(name);
    for (const { name, etag } of claims)
      if (this.#unchangedMs(name, etag) !== undefined) await this.#resolveIfAbandoned(name);
  }

  async settled(): Promise<void> {
    await this.#turns.settled();
  }

  async #acquire(claim: Claim, validMs: number, signal: AbortSignal | undefined): Promise<void> {
    const { key, kind, stamp } = claim;
    const record = { key, kind, stamp, validMs, holder: this.#world.id() };
    const name = this.#objects.nameOf(key);
    const until = this.#world.monotonic() + this.#patienceMs;
    for (let turn = 1; ; turn++) {
      if ((await this.#objects.put(record, undefined)) !== undefined) return;
      await this.#resolveIfAbandoned(name);
      if (this.#world.monotonic() > until) throw stillWriting(key, this.#patienceMs);
      await sleep(this.#world, pauseAfter(turn, PAUSES, this.#world.random()), signal);
    }
  }

  /**
   * Clocks of different processes are never compared: a claim is abandoned when we have seen it
   * unchanged for as long as it says.
   */
  async #resolveIfAbandoned(name: string): Promise<void> {
    const there = await this.#objects.read(name);
    if (!there) {
      this.#seen.delete(name);
      return;
    }
    const unchangedMs = this.#unchangedMs(name, there.etag);
    if (unchangedMs !== undefined && unchangedMs >= there.record.validMs) await this.#resolve(name, there);
  }

  /**
   * For how long a claim of somebody else has been seen unchanged; undefined: it
   * is seen for the first time.
   */
  #unchangedMs(name: string, etag: string): number | undefined {
    const now = this.#world.monotonic();
    const before = this.#seen.get(name);
    if (before?.etag === etag) return now - before.at;
    this.#seen.set(name, { etag, at: now });
    return undefined;
  }

  async #resolve(name: string, { record, etag }: StoredClaim): Promise<void> {
    const began = this.#world.monotonic();
    if ((await this.#objects.put({ ...record, holder: this.#world.id() }, etag)) === undefined) return;
    this.#seen.delete(name);
    const there = await this.#head(record.key);
    if (record.kind === 'deleted' && !there) await this.#journal.append(toDeleted(record.key, timeOf(record.stamp)));
    if (record.kind === 'written' && there?.stamp === record.stamp) await this.#journal.append(toChange(there));
    if (this.#world.monotonic() - began < record.validMs / 2) await this.#objects.release(name);
  }
}

function stillWriting(key: string, patienceMs: number): TenfoldError {
  return new TenfoldError(
    'store-unavailable',
    `Another process has been writing the object '${key}' for ${patienceMs} ms, or died while it did. Try again later.`,
  );
}

export function toChange({ key, etag, size, modified }: BlobInfo): BlobChange {
  return { kind: 'written', key, etag, size, at: modified };
}

export function toDeleted(key: string, at: number): BlobChange {
  return { kind: 'deleted', key, etag: undefined, size: undefined, at };
}
