// How far legacy is behind, where workers in several processes write changes back. Each worker
// stores the lag of its partitions, and readers put the parts together.
import * as z from 'zod';
import type { Timer, World } from '../../../core/world.ts';
import { offsetDistance } from '../../../drivers/event-log/epochs.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import type { Keys } from '../../../drivers/store/store.ts';
import type { Syncs } from '../../../gateway/compile/plan-environment.ts';
import type { SyncStatus } from '../../../gateway/strangler/phase/sync-status.ts';
import type { ConsumerState } from '../../../worker/event-plane.ts';
import type { ConsumerPlan } from '../../../worker/plan/topic-plan.ts';
import { CONTROL_SCOPE } from '../../shared/document.ts';
import { reportedState, withReportedState } from '../reports/shared-state.ts';
import { statusOfSync } from './syncs.ts';

export interface SharedSyncs extends Syncs {
  close(): void;
}

export interface SharedSyncsOptions {
  readonly world: World;
  readonly log: Pick<EventLog, 'bounds'>;
  readonly store: Pick<Keys, 'get' | 'put'>;
  /** The consumers that run in this process. */
  consumers(): readonly ConsumerState[];
  /** The consumers of the plan in force, whichever process runs them. */
  plans(): readonly ConsumerPlan[];
  moved(): void;
}

const EVERY_MS = 1_000;
/**
 * A report of a worker counts for so long. After it the worker may have died, and the lag is
 * unknown.
 */
const KEPT_MS = 10_000;

const syncReport = z.object({
  status: z.object({
    target: z.string(),
    state: reportedState(['starting', 'running', 'resting', 'paused', 'stopped', 'off']),
    lastError: z.string().optional(),
    delivered: z.number(),
    returned: z.number(),
  }),
  /** The process, so that its counts are not added twice. */
  by: z.string(),
  lag: z.number(),
  ageMs: z.number().optional(),
  end: z.number(),
  held: z.number(),
});
type SyncReport = z.output<typeof syncReport>;

export function createSharedSyncs(options: SharedSyncsOptions): SharedSyncs {
  const { world, log, store, consumers, plans, moved } = options;
  const by = world.id();
  let known = new Map<string, SyncStatus>();
  let timer: Timer | undefined;
  let closed = false;

  const report = async () => {
    const syncs = consumers().filter(({ plan }) => plan.sync !== undefined);
    await Promise.all(
      syncs.map(async state => {
        const { target, state: now, lastError, delivered, returned } = statusOfSync(state);
        const status = withReportedState({ target, state: now, lastError, delivered, returned });
        for (const { partition, lag, oldestAgeMs: ageMs, end, held } of state.runner.running?.view.partitions ?? []) {
          if (lag === undefined || end === undefined) continue;
          const value = { status, by, lag, ageMs, end, held };
          await store.put(CONTROL_SCOPE, keyOf(state.plan, partition), JSON.stringify(value), { ttlMs: KEPT_MS });
        }
      }),
    );
  };

  const readStatus = async (plan: ConsumerPlan): Promise<SyncStatus | undefined> => {
    const bounds = await log.bounds(plan.settings.topic);
    if (bounds === undefined) return undefined;
    const parts = await Promise.all(
      bounds.map(async ({ end }, partition) => {
        const entry = await store.get(CONTROL_SCOPE, keyOf(plan, partition));
        const part = entry && syncReport.parse(JSON.parse(Buffer.from(entry.value).toString('utf8')));
        return part && { ...part, lag: part.lag + offsetDistance(part.end, end) };
      }),
    );
    return combine(parts);
  };

  const refresh = async () => {
    const syncs = plans().filter(({ sync }) => sync !== undefined);
    try {
      await report();
      const asked = await Promise.all(syncs.map(async plan => [nameOf(plan), await readStatus(plan)] as const));
      known = new Map(asked.flatMap(([name, status]) => (status ? [[name, status] as const] : [])));
    } catch {
      // The lag of an unreachable store is unknown, which holds promotions up. Another part reports
      // the outage.
      known = new Map();
    }
    if (!closed) timer = world.after(EVERY_MS, () => void refresh());
  };
  timer = world.after(0, () => void refresh());

  return {
    moved,
    statusOf: (namespace, strangler, feature) => known.get(`${namespace}/${strangler}/${feature}`),
    close() {
      closed = true;
      timer?.cancel();
    },
  };
}

/** Undefined parts are of partitions without a report: then the whole is unknown. */
function combine(parts: readonly (SyncReport | undefined)[]): SyncStatus | undefined {
  const there = parts.filter(part => part !== undefined);
  const [first] = there;
  if (first === undefined) return undefined;
  const processes = [...new Map(there.map(({ by, status }) => [by, status])).values()];
  const lag = there.length < parts.length ? undefined : there.reduce((sum, part) => sum + part.lag, 0);
  const ages = there.flatMap(({ ageMs }) => ageMs ?? []);
  return {
    target: first.status.target,
    state: processes.find(({ state }) => state !== 'running')?.state ?? 'running',
    lastError: processes.find(({ lastError }) => lastError !== undefined)?.lastError,
    lag,
    // Events that came since the report are younger than that.
    ageMs: lag === undefined ? undefined : Math.max(0, ...ages),
    heldKeys: there.reduce((sum, { held }) => sum + held, 0),
    delivered: processes.reduce((sum, { delivered }) => sum + delivered, 0),
    returned: processes.reduce((sum, { returned }) => sum + returned, 0),
  };
}

function keyOf({ settings }: ConsumerPlan, partition: number): string {
  return `sync/${settings.group}/${partition}`;
}

function nameOf({ sync, resource }: ConsumerPlan): string {
  return `${resource.metadata.namespace}/${sync?.strangler}/${sync?.feature}`;
}
