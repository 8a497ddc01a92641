// Writes lag, parked and dead counts and the condition Healthy into statuses: seldom, and only
// noticeable changes, whichever process saw them first.
import { every } from '../../core/retry/every.ts';
import { toTimestamp, type World } from '../../core/world.ts';
import { type KindInfo, kinds } from '../../resources/kinds/index.ts';
import type { KubeClient } from '../api/kube-client.ts';
import { KubeError } from '../api/kube-error.ts';
import { type KubeObject, objectPath, readNumber } from '../api/kube-object.ts';
import { type Log, reasonOf } from '../api/outages.ts';
import { apiResourceOf } from '../api/tenfold-kinds.ts';
import type { SeenObject } from '../catalog/cluster-catalog.ts';
import { conditionOf, HEALTHY } from '../operator/status/status.ts';

export type Figures = Readonly<Record<'lag' | 'parked' | 'dead', number>>;

/** The condition `Healthy`, as the admin API has it. */
export interface Health {
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

export interface ReportedFigures {
  readonly figures: Figures;
  /** Undefined while it is not known. */
  readonly health: Health | undefined;
}

export interface FigureReportsOptions {
  readonly world: World;
  readonly client: KubeClient;
  readonly log: Log;
  /** The objects in the cluster, by key. */
  objects(): ReadonlyMap<string, SeenObject>;
  figures(): Promise<ReadonlyMap<string, ReportedFigures>>;
  readonly everyMs?: number | undefined;
}

export interface FigureReports {
  close(): Promise<void>;
}

const MANAGER = 'tenfold-figures';
const MAX_MESSAGE = 4096;
const EVERY_MS = 30_000;
const WITHIN_MS = 10_000;
/** Small changes that come and go all the time are not worth a write. */
const NOTICEABLE = { count: 10, share: 0.2 };

export function startFigureReports(options: FigureReportsOptions): FigureReports {
  const { world, client, log, objects, figures, everyMs = EVERY_MS } = options;
  const stop = new AbortController();
  let failing = false;

  async function write({ kind, object }: SeenObject, { figures: now, health }: ReportedFigures): Promise<void> {
    const { name, namespace = 'default', uid } = object.metadata;
    const conditions = health === undefined ? {} : { conditions: [toCondition(object, health, world.now())] };
    const status = { ...now, ...conditions };
    const body = { apiVersion: object.apiVersion, kind, metadata: { name, namespace, uid }, status };
    try {
      await client.call('PATCH', `${objectPath(apiResourceOf(kind), namespace, name)}/status`, {
        query: { fieldManager: MANAGER, force: true },
        body,
        contentType: 'application/apply-patch+yaml',
        signal: AbortSignal.any([stop.signal, AbortSignal.timeout(WITHIN_MS)]),
      });
    } catch (error) {
      // The object has gone meanwhile.
      if (!(error instanceof KubeError && [404, 409].includes(error.httpStatus))) throw error;
    }
  }

  async function report(): Promise<void> {
    for (const [key, now] of await figures()) {
      const seen = objects().get(key);
      if (!seen || !hasFigures(kinds[seen.kind])) continue;
      const { object } = seen;
      if (!isNoticeable(object['status'], now.figures) && !isOtherHealth(object, now.health)) continue;
      await write(seen, now);
    }
  }

  async function run(): Promise<void> {
    try {
      await report();
      failing = false;
    } catch (error) {
      if (stop.signal.aborted) return;
      if (!failing) log('warn', 'figures cannot be written into statuses', { reason: reasonOf(error) });
      failing = true;
    }
  }

  // One of several processes is first, and the others see its write.
  const running = every(everyMs, run, { world, signal: stop.signal });
  return {
    async close() {
      stop.abort();
      await running;
    },
  };
}

function hasFigures({ figures }: KindInfo): boolean {
  return figures.includes('lag');
}

/** Counts in its message change all the time, and are not worth a write. */
function isOtherHealth(object: KubeObject, now: Health | undefined): boolean {
  if (now === undefined) return false;
  const before = conditionOf(object, HEALTHY);
  return before?.status !== now.status || before.reason !== now.reason;
}

/** It keeps its time while its status stays. */
function toCondition(object: KubeObject, { status, reason, message }: Health, nowMs: number) {
  const before = conditionOf(object, HEALTHY);
  const since = before?.status === status ? before.since : undefined;
  // The API server takes whole seconds.
  const lastTransitionTime = since ?? toTimestamp(nowMs).replace(/\.\d+Z$/, 'Z');
  return { type: HEALTHY, status, reason, message: message.slice(0, MAX_MESSAGE), lastTransitionTime };
}

/** Dead letters always are, and so is whether there is anything at all. */
export function isNoticeable(status: unknown, now: Figures): boolean {
  return (['lag', 'parked', 'dead'] as const).some(name => {
    const before = readNumber(status, name);
    const value = now[name];
    if (before === undefined || (before === 0) !== (value === 0)) return true;
    if (name === 'dead') return before !== value;
    return Math.abs(value - before) > Math.max(NOTICEABLE.count, before * NOTICEABLE.share);
  });
}
