// Makes a change of an object and its entry in the journal one step. A process that changes a key
// first claims it by a separate object. Others examine and journal the claims that a dead process
// has left.
import * as z from 'zod';
import { TenfoldError } from '../../../core/errors.ts';
import { sleep, type World } from '../../../core/world.ts';
import type { BlobChange, BlobInfo } from '../blob-store.ts';
import { quoted, timeOf, unquoted, type Written } from './blob-info.ts';
import type { Journal } from './journal.ts';
import type { S3Link } from './link.ts';
import type { Places } from './object-names.ts';
import { isContested, isMissing, isUnmet } from './s3-error.ts';

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

const claimRecord = z.strictObject({
  key: z.string(),
  kind: z.enum(['written', 'deleted']),
  stamp: z.string(),
  /** From when on others may take it, counted from when they saw it. */
  validMs: z.number(),
  /** Differs whenever somebody takes it over. */
  holder: z.string(),
});
type ClaimRecord = z.output<typeof claimRecord>;

const FIRST_PAUSE_MS = 15;
const MAX_PAUSE_MS = 500;
const PAGE = 1000;

export function createClaims({ world, link, places, journal, head }: ClaimsOptions): KeyClaims {
  const patienceMs = Math.max(link.requestTimeoutMs, 1000);
  const stillWriting = (key: string) =>
    new TenfoldError(
      'store-unavailable',
      `Another process has been writing the object '${key}' for ${patienceMs} ms, or died while it did. Try again later.`,
    );
  /** The last of those of this process that have or want a key. */
  const queues = new Map<string, Promise<void>>();
  /** Claims of others as they were seen first, by name. */
  const seen = new Map<string, { readonly etag: string; readonly at: number }>();

  /** Undefined: somebody else has it. */
  async function put(record: ClaimRecord, over: string | undefined): Promise<string | undefined> {
    const condition = over === undefined ? { IfNoneMatch: '*' } : { IfMatch: quoted(over) };
    const input = { Bucket: link.bucket, Key: places.claimOf(record.key), Body: JSON.stringify(record), ...condition };
    try {
      const { ETag } = await link.call((s3, options) => s3.putObject(input, options));
      return unquoted(ETag);
    } catch (error) {
      if (!isUnmet(error) && !isContested(error) && !isMissing(error)) throw error;
      // By an attempt of ours whose answer was lost, it may be.
      const there = await read(input.Key);
      return there?.record.holder === record.holder ? there.etag : undefined;
    }
  }

  async function read(name: string): Promise<{ readonly record: ClaimRecord; readonly etag: string } | undefined> {
    try {
      return await link.call(async (s3, options) => {
        const { Body, ETag } = await s3.getObject({ Bucket: link.bucket, Key: name }, options);
        const text = (await Body?.transformToString()) ?? '';
        return { record: claimRecord.parse(JSON.parse(text)), etag: unquoted(ETag) };
      });
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  const release = (name: string) =>
    link.call((s3, options) => s3.deleteObject({ Bucket: link.bucket, Key: name }, options));

  async function acquire(claim: Claim, validMs: number, signal: AbortSignal | undefined): Promise<void> {
    const { key, kind, stamp } = claim;
    const record = { key, kind, stamp, validMs, holder: world.id() };
    const name = places.claimOf(key);
    const until = world.monotonic() + patienceMs;
    for (let turn = 0; ; turn++) {
      if ((await put(record, undefined)) !== undefined) return;
      await resolveIfAbandoned(name);
      if (world.monotonic() > until) throw stillWriting(key);
      await sleep(world, Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** turn) * (0.5 + world.random()), signal);
    }
  }

  /**
   * Clocks of different processes are never compared: a claim is abandoned when we have seen it
   * unchanged for as long as it says.
   */
  async function resolveIfAbandoned(name: string): Promise<void> {
    const there = await read(name);
    if (!there) {
      seen.delete(name);
      return;
    }
    const before = seen.get(name);
    if (before?.etag !== there.etag) seen.set(name, { etag: there.etag, at: world.monotonic() });
    else if (world.monotonic() - before.at >= there.record.validMs) await resolve(name, there.record, there.etag);
  }

  async function resolve(name: string, record: ClaimRecord, etag: string): Promise<void> {
    const began = world.monotonic();
    if ((await put({ ...record, holder: world.id() }, etag)) === undefined) return;
    seen.delete(name);
    const there = await head(record.key);
    if (record.kind === 'deleted' && !there) await journal.append(toDeleted(record.key, timeOf(record.stamp)));
    if (record.kind === 'written' && there?.stamp === record.stamp) await journal.append(toChange(there));
    if (world.monotonic() - began < record.validMs / 2) await release(name);
  }

  /** Resolves when it is this call's turn among those of this process; what it resolves to ends the turn. Waits no longer than for others. */
  async function turnFor(key: string, signal: AbortSignal | undefined): Promise<() => void> {
    const before = queues.get(key);
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const turn = (before ?? Promise.resolve()).then(() => ended);
    queues.set(key, turn);
    void turn.then(() => {
      if (queues.get(key) === turn) queues.delete(key);
    });
    if (before === undefined) return end;
    const over = new AbortController();
    const late = sleep(world, patienceMs, signal ? AbortSignal.any([signal, over.signal]) : over.signal).then(() => {
      throw stillWriting(key);
    });
    try {
      await Promise.race([before, late]);
      return end;
    } catch (error) {
      end();
      throw error;
    } finally {
      over.abort();
    }
  }

  return {
    async within(claim, work, signal) {
      const name = places.claimOf(claim.key);
      // Others take it long after the last byte of what we may send under it has arrived.
      const validMs = (claim.workMs + link.requestTimeoutMs) * 3;
      const end = await turnFor(claim.key, signal);
      const began = world.monotonic();
      const isOurs = () => world.monotonic() - began < (validMs * 2) / 3;
      // A process that looks at the claim later handles a write that may still arrive.
      const leave = (isSettled: boolean) =>
        isSettled && isOurs()
          ? void release(name)
              .catch(() => {})
              .finally(end)
          : end(); // not released: found by the sweep
      try {
        await acquire(claim, validMs, signal);
      } catch (error) {
        end();
        throw error;
      }
      try {
        if (world.monotonic() - began > validMs / 3)
          throw new TenfoldError('overloaded', `The claim on '${claim.key}' took too long. Try again.`);
        const { result, change } = await work();
        if (change) await journal.append(change);
        leave(true);
        return result;
      } catch (error) {
        leave(error instanceof TenfoldError && error.code !== 'store-unavailable');
        throw error;
      }
    },
    async sweep() {
      const input = { Bucket: link.bucket, Prefix: places.claims, MaxKeys: PAGE };
      const { Contents = [] } = await link.call((s3, options) => s3.listObjectsV2(input, options));
      const names = new Set(Contents.map(({ Key }) => Key ?? ''));
      for (const name of seen.keys()) if (!names.has(name)) seen.delete(name);
      for (const { Key, ETag } of Contents) {
        if (Key === undefined) continue;
        const before = seen.get(Key);
        if (before?.etag !== unquoted(ETag)) seen.set(Key, { etag: unquoted(ETag), at: world.monotonic() });
        else await resolveIfAbandoned(Key);
      }
    },
    async settled() {
      await Promise.all(queues.values());
    },
  };
}

export function toChange({ key, etag, size, modified }: BlobInfo): BlobChange {
  return { kind: 'written', key, etag, size, at: modified };
}

export function toDeleted(key: string, at: number): BlobChange {
  return { kind: 'deleted', key, etag: undefined, size: undefined, at };
}
