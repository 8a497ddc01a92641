// Carries out outbox entries and due timers of the partitions that this process owns, each at least
// once.
import type { Fact } from '../../core/fan-outs/facts.ts';
import { OUTBOX_TABLE } from '../../core/fan-outs/layout.ts';
import { jittered } from '../../core/retry/backoff.ts';
import { assertFirstVersion, isOfLaterRelease } from '../../core/stored-version.ts';
import { sleep } from '../../core/world.ts';
import type { DueTimer } from '../../drivers/store/timers.ts';
import type { FanOutSite } from './fan-out-settings.ts';
import { readOutboxEntry, type StoredOutboxEntry } from './outbox.ts';
import { tell } from './task.ts';

export interface OutboxRelayOptions {
  readonly site: FanOutSite;
  /** The partitions that this process owns. */
  partitions(): readonly number[];
  /** Resolves once it is done for good; called again when it rejected. */
  run(entry: StoredOutboxEntry, partition: number): Promise<void>;
  /** The relay tries again by itself. */
  trouble(partition: number, error: unknown): void;
}

export interface OutboxRelay {
  /** There may be something to do in the partition. */
  wake(partition: number): void;
  close(): Promise<void>;
}

const PAGE = 100;
const LEASE_MS = 30_000;
const LONGEST_REST_MS = 5_000;
const AFTER_TROUBLE_MS = 1_000;

export function startOutboxRelay(options: OutboxRelayOptions): OutboxRelay {
  const { site, partitions, trouble } = options;
  const { world } = site;
  const closing = new AbortController();
  const woken = new Set<number>();
  let wakeUp: (() => void) | undefined;

  const walk = async (): Promise<void> => {
    const due = new Map<number, number>();
    while (!closing.signal.aborted) {
      const now = world.monotonic();
      const owned = partitions();
      for (const partition of owned) {
        if (!woken.has(partition) && (due.get(partition) ?? 0) > now) continue;
        woken.delete(partition);
        let restMs = AFTER_TROUBLE_MS;
        try {
          restMs = await visit(options, partition, closing.signal);
        } catch (error) {
          if (closing.signal.aborted) return;
          trouble(partition, error);
        }
        due.set(partition, world.monotonic() + jittered(restMs, world.random()));
      }
      for (const partition of due.keys()) if (!owned.includes(partition)) due.delete(partition);
      if (woken.size > 0 && owned.some(partition => woken.has(partition))) continue;
      const next = Math.min(...due.values(), world.monotonic() + AFTER_TROUBLE_MS);
      const rest = new AbortController();
      wakeUp = () => rest.abort();
      const either = AbortSignal.any([rest.signal, closing.signal]);
      await sleep(world, Math.max(1, next - world.monotonic()), either).catch(() => {});
      wakeUp = undefined;
    }
  };
  const walking = walk();

  return {
    wake(partition) {
      woken.add(partition);
      wakeUp?.();
    },
    async close() {
      closing.abort(new Error('The outbox relay is closed.'));
      await walking;
    },
  };
}

/** Handles all that is due. Returns how long nothing can be due, milliseconds. */
async function visit(options: OutboxRelayOptions, partition: number, signal: AbortSignal): Promise<number> {
  const { site, run, trouble } = options;
  const { store, settings } = site;
  const scope = settings.layout.scopeOf(partition);
  /** An entry of a later release stays as it is and does not hold up the others. */
  let left: unknown;
  for (let after: string | undefined; ; ) {
    const { rows, next } = await store.scan(scope, OUTBOX_TABLE, { limit: PAGE, after });
    let failed: unknown;
    for (const row of rows) {
      signal.throwIfAborted();
      try {
        const entry = readOutboxEntry(row);
        if (entry) await run(entry, partition);
        await store.apply(scope, [{ kind: 'delete-row', table: OUTBOX_TABLE, key: row.key }]);
      } catch (error) {
        // An entry that cannot be done now does not hold up the others.
        if (isOfLaterRelease(error)) left = error;
        else failed = error;
      }
    }
    if (failed !== undefined) throw failed;
    after = next;
    if (after === undefined) break;
  }
  for (;;) {
    const { timers, nextInMs } = await store.takeDue(scope, { limit: PAGE, leaseMs: LEASE_MS });
    const told: DueTimer[] = [];
    for (const timer of timers) {
      try {
        await fire(site, partition, timer);
        told.push(timer);
      } catch (error) {
        if (!isOfLaterRelease(error)) throw error;
        left = error;
      }
    }
    if (told.length > 0) await store.settle(scope, told);
    if (timers.length === PAGE) continue;
    if (left !== undefined) trouble(partition, left);
    return Math.min(nextInMs ?? LONGEST_REST_MS, LONGEST_REST_MS);
  }
}

/**
 * A due timer becomes a fact like any other. The fold of all facts decides whether it changes
 * anything.
 */
async function fire(site: FanOutSite, partition: number, { timer, payload }: DueTimer): Promise<void> {
  const due: unknown = JSON.parse(Buffer.from(payload).toString());
  assertFirstVersion(`the timer ${timer}`, due);
  if (!isDue(due)) return;
  const { nonce, kind, generation } = due;
  await tell(site, { nonce, partition }, { kind, generation });
}

type Due = Fact & { kind: 'deadline' | 'forget' } & { readonly nonce: string };

function isDue(due: unknown): due is Due {
  return typeof due === 'object' && due !== null && 'nonce' in due && 'kind' in due && 'generation' in due;
}
