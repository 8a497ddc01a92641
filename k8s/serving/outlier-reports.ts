// Tells the operator how many instances of a Function only let calls time out; rarely,
// however often that is found.
import { toTimestamp, type World } from '../../core/world.ts';
import { API_VERSION } from '../../resources/kinds/index.ts';
import type { KubeClient } from '../api/kube-client.ts';
import { KubeError } from '../api/kube-error.ts';
import { objectPath } from '../api/kube-object.ts';
import { type Log, reasonOf } from '../api/outages.ts';
import { apiResourceOf } from '../api/tenfold-kinds.ts';

export interface OutlierReports {
  found(namespace: string, name: string, instances: number): void;
  close(): Promise<void>;
}

const MANAGER = 'tenfold-outliers';
/** The operator uses a report for so long, and a little longer. */
const EVERY_MS = 60_000;
const WITHIN_MS = 10_000;

export function createOutlierReports(world: World, client: KubeClient, log: Log): OutlierReports {
  const told = new Map<string, { readonly instances: number; readonly at: number }>();
  const running = new Set<Promise<void>>();
  const stop = new AbortController();
  let failing = false;

  async function tell(namespace: string, name: string, instances: number): Promise<void> {
    const status = { unresponsive: { instances, at: toTimestamp(world.now()) } };
    const body = { apiVersion: API_VERSION, kind: 'Function', metadata: { name, namespace }, status };
    try {
      await client.call('PATCH', `${objectPath(apiResourceOf('Function'), namespace, name)}/status`, {
        query: { fieldManager: MANAGER, force: true },
        body,
        contentType: 'application/apply-patch+yaml',
        signal: AbortSignal.any([stop.signal, AbortSignal.timeout(WITHIN_MS)]),
      });
      failing = false;
    } catch (error) {
      if (stop.signal.aborted || (error instanceof KubeError && [404, 409].includes(error.httpStatus))) return;
      const message = 'the operator cannot be told of instances that only let calls time out';
      if (!failing) log('warn', message, { function: `${namespace}/${name}`, reason: reasonOf(error) });
      failing = true;
    }
  }

  return {
    found(namespace, name, instances) {
      const key = `${namespace}/${name}`;
      const before = told.get(key);
      const now = world.monotonic();
      const isNews = (before?.instances ?? 0) !== instances || (instances > 0 && now - (before?.at ?? 0) >= EVERY_MS);
      if (!isNews) return;
      told.set(key, { instances, at: now });
      const message =
        instances === 0
          ? 'all instances of a Function answer again'
          : 'instances of a Function only let calls time out, and get none';
      if (before?.instances !== instances) log('warn', message, { function: key, instances });
      const one: Promise<void> = tell(namespace, name, instances).finally(() => running.delete(one));
      running.add(one);
    },
    async close() {
      stop.abort();
      await Promise.all(running);
    },
  };
}
