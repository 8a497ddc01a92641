// Reports to the operator which versions this gateway or worker has in force, why it refuses
// others, and faults of its disk. It writes one Lease, when that changes and now and again, however
// many objects there are.
import { shortened } from '../../core/retry/backoff.ts';
import { sleep, type World } from '../../core/world.ts';
import type { KubeClient } from '../api/kube-client.ts';
import { apiVersionOf, objectPath } from '../api/kube-object.ts';
import { LEASES, toMicroTime } from '../api/leases.ts';
import { type Log, reasonOf } from '../api/outages.ts';
import type { ClusterCatalog } from '../catalog/cluster-catalog.ts';
import { MOST_MARKS, toAnnotations, UPTAKE_LABEL, versionMarkOf } from './uptake-lease.ts';

export interface UptakeReportsOptions {
  readonly world: World;
  readonly client: KubeClient;
  readonly log: Log;
  /** Of the platform. */
  readonly namespace: string;
  /** The name of this process, the same when it starts again in its place. */
  readonly name: string;
  /** The pod that this runs in: the Lease goes with it. */
  readonly pod?: { readonly name: string; readonly uid: string } | undefined;
  /** The namespaces that it serves; all when it is left out. */
  readonly namespaces?: readonly string[] | undefined;
  /** Why the disk cannot be used that this process keeps everything on. */
  readonly disk?: (() => readonly string[]) | undefined;
}

export interface UptakeReports {
  /** The versions in force may have changed. */
  took(catalog: Pick<ClusterCatalog, 'objects' | 'verdicts'>): void;
  /** No process waits for this one any more. */
  close(): Promise<void>;
}

const MANAGER = 'tenfold-uptake';
export const LEASE_MS = 45_000;
export const RENEW_MS = 15_000;
/** Many changes one after another are reported together. */
const APART_MS = 1000;
/** How often to look whether the disk fails. */
const DISK_EVERY_MS = 3000;
const WITHIN_MS = 10_000;
const CLOSE_WITHIN_MS = 2000;

export function createUptakeReports(options: UptakeReportsOptions): UptakeReports {
  const { world, client, log, namespace, name, pod, namespaces, disk = () => [] } = options;
  const stop = new AbortController();
  let marks: ReadonlySet<string> | undefined;
  let refused: ReadonlyMap<string, string> = new Map();
  let said = '';
  let changed = new AbortController();
  let running: Promise<void> | undefined;
  let failing = false;

  async function write(holder: string, found: readonly string[], signal: AbortSignal): Promise<void> {
    const metadata = {
      name,
      namespace,
      labels: { [UPTAKE_LABEL]: 'true' },
      annotations: toAnnotations({ namespaces, marks, refused, disk: found }),
      ...(pod === undefined ? {} : { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', ...pod }] }),
    };
    const renewTime = toMicroTime(world.now());
    const spec = { holderIdentity: holder, leaseDurationSeconds: LEASE_MS / 1000, renewTime };
    await client.call('PATCH', objectPath(LEASES, namespace, name), {
      query: { fieldManager: MANAGER, force: true },
      body: { apiVersion: apiVersionOf(LEASES), kind: LEASES.kind, metadata, spec },
      contentType: 'application/apply-patch+yaml',
      signal,
    });
  }

  async function run(): Promise<void> {
    while (!stop.signal.aborted) {
      changed = new AbortController();
      const found = disk();
      try {
        await write(name, found, AbortSignal.any([stop.signal, AbortSignal.timeout(WITHIN_MS)]));
        failing = false;
      } catch (error) {
        if (stop.signal.aborted) return;
        const message = 'the operator cannot be told what is in force here; it does not wait for this process';
        if (!failing) log('warn', message, { lease: `${namespace}/${name}`, reason: reasonOf(error) });
        failing = true;
      }
      await sleep(world, APART_MS, stop.signal).catch(() => {});
      await untilDue(found.join('\n'));
    }
  }

  /**
   * The versions in force have changed, the disk differs from the report, or the next heartbeat is
   * due.
   */
  async function untilDue(saidOfDisk: string): Promise<void> {
    const due = world.monotonic() + shortened(RENEW_MS, 0.2, world.random()) - APART_MS;
    const early = AbortSignal.any([stop.signal, changed.signal]);
    for (let left = due - world.monotonic(); left > 0; left = due - world.monotonic()) {
      if (early.aborted || disk().join('\n') !== saidOfDisk) return;
      await sleep(world, Math.min(DISK_EVERY_MS, left), early).catch(() => {});
    }
  }

  return {
    took({ objects, verdicts }) {
      const next = new Set<string>();
      const not = new Map<string, string>();
      for (const [key, { object }] of objects) {
        const problem = verdicts.problems.get(key)?.find(({ severity }) => severity === 'error');
        if (problem) not.set(versionMarkOf(object), problem.message);
        else if (verdicts.inForce.has(key)) next.add(versionMarkOf(object));
      }
      const text = JSON.stringify([[...next].join(''), [...not]]);
      if (running && text === said) return;
      said = text;
      refused = not;
      marks = next.size > MOST_MARKS ? undefined : next;
      changed.abort();
      running ??= run();
    },
    async close() {
      stop.abort();
      await running;
      if (running && !failing) await write('', [], AbortSignal.timeout(CLOSE_WITHIN_MS)).catch(() => {});
    },
  };
}
