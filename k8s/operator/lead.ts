// The work of the operator that leads: reconciles all objects, and then each one that changes.
import { sleep, type World } from '../../core/world.ts';
import { keepsState } from '../../resources/keeps-state.ts';
import { reasonOf } from '../api/outages.ts';
import { reconcile } from './reconcile/reconcile.ts';
import type { ReconcileContext } from './reconcile/reconcile-context.ts';
import type { ReconcileQueue } from './reconcile-queue.ts';
import type { ObservedObjects } from './watch/observed-objects.ts';
import { createWorkQueue } from './work-queue.ts';

export interface LeadOptions {
  readonly context: ReconcileContext;
  readonly queue: ReconcileQueue;
  readonly objects: ObservedObjects;
  /** Counts of this process, for its metrics. */
  readonly counts: { reconciles: number; failures: number };
  /**
   * Why the disk of this process cannot be used; those of other processes say it in their Leases.
   */
  disk(): readonly string[];
}

/** How often to look whether the disk fails. */
const DISK_EVERY_MS = 3_000;
const CONCURRENCY = 4;
const BACKOFF = { base: 250, max: 5 * 60_000 };

/** Until `signal` aborts, and the work under way has ended. */
export async function lead(options: LeadOptions, signal: AbortSignal): Promise<void> {
  const { context, queue, objects, counts, disk } = options;
  const working = createWorkQueue({
    world: context.world,
    concurrency: CONCURRENCY,
    backoff: BACKOFF,
    async work(key, ending) {
      if (!objects.isJudged(key)) return;
      counts.reconciles++;
      const lookAgain = await reconcile(context, key, AbortSignal.any([ending, signal]));
      if (lookAgain !== undefined) working.addAfter(key, lookAgain);
    },
    // One line per object until it succeeds; an outage of the server is logged once.
    failed(key, error, failures) {
      counts.failures++;
      if (failures !== 1) return;
      context.log('warn', 'an object could not be reconciled', { object: key, reason: reasonOf(error) });
    },
  });
  await queue.take(working, async () => {
    queue.addAll(objects.all.keys());
    const changed = () => queue.addAll(objects.keysOf(keepsState));
    await followDisk({ world: context.world, disk, changed }, signal);
  });
}

interface DiskOptions {
  readonly world: World;
  disk(): readonly string[];
  changed(): void;
}

/** Until `signal` aborts. */
async function followDisk({ world, disk, changed }: DiskOptions, signal: AbortSignal): Promise<void> {
  for (let before = disk().join(); !signal.aborted; ) {
    await sleep(world, DISK_EVERY_MS, signal).catch(() => {});
    const now = disk().join();
    if (now === before || signal.aborted) continue;
    before = now;
    changed();
  }
}
