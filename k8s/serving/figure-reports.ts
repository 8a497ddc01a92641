// Writes lag, parked and dead counts into statuses: seldom, and only noticeable changes, whichever
// process saw them first.
import { every } from '../../core/retry/every.ts';
import type { World } from '../../core/world.ts';
import { type KindInfo, kinds } from '../../resources/kinds/index.ts';
import type { KubeClient } from '../api/kube-client.ts';
import { KubeError } from '../api/kube-error.ts';
import { objectPath, readNumber } from '../api/kube-object.ts';
import { type Log, reasonOf } from '../api/outages.ts';
import { apiResourceOf } from '../api/tenfold-kinds.ts';
import type { SeenObject } from '../catalog/cluster-catalog.ts';

export type Figures = Readonly<Record<'lag' | 'parked' | 'dead', number>>;

export interface FigureReportsOptions {
  readonly world: World;
  readonly client: KubeClient;
  readonly log: Log;
  /** The objects in the cluster, by key. */
  objects(): ReadonlyMap<string, SeenObject>;
  figures(): Promise<ReadonlyMap<string, Figures>>;
  readonly everyMs?: number | undefined;
}

export interface FigureReports {
  close(): Promise<void>;
}

const MANAGER = 'tenfold-figures';
const EVERY_MS = 30_000;
const WITHIN_MS = 10_000;
/** Small changes that come and go all the time are not worth a write. */
const NOTICEABLE = { count: 10, share: 0.2 };

export function startFigureReports(options: FigureReportsOptions): FigureReports {
  const { world, client, log, objects, figures, everyMs = EVERY_MS } = options;
  const stop = new AbortController();
  let failing = false;

  async function write({ kind, object }: SeenObject, now: Figures): Promise<void> {
    const { name, namespace = 'default', uid } = object.metadata;
    const body = { apiVersion: object.apiVersion, kind, metadata: { name, namespace, uid }, status: now };
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
      if (!seen || !hasFigures(kinds[seen.kind]) || !isNoticeable(seen.object['status'], now)) continue;
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
