// Leader election by a Lease, as in other controllers: the process that renews it leads; one that
// cannot renew in time stops before another begins.
import { jittered } from '../../core/retry/backoff.ts';
import type { World } from '../../core/world.ts';
import { sleep } from '../../core/world.ts';
import type { KubeClient } from '../api/kube-client.ts';
import { isConflict, isNotFound } from '../api/kube-error.ts';
import { apiVersionOf, collectionPath, objectPath, read, readNumber, readText } from '../api/kube-object.ts';
import { LEASES, toMicroTime } from '../api/leases.ts';
import { type Log, reasonOf } from '../api/outages.ts';

export interface ElectionOptions {
  readonly client: KubeClient;
  readonly world: World;
  readonly log: Log;
  /** The namespace of the Lease. */
  readonly namespace: string;
  readonly name: string;
  /** Unique for each process. */
  readonly identity: string;
  readonly times?: ElectionTimes;
  /** Works until `signal` aborts. A new leader waits for `leaseMs`, so what still ends must take less than `leaseMs - renewWithinMs`. */
  lead(signal: AbortSignal): Promise<void>;
}

export interface ElectionTimes {
  /** How long a silent leader still counts as leader. */
  readonly leaseMs: number;
  /** How long a leader that cannot renew continues. */
  readonly renewWithinMs: number;
  readonly retryMs: number;
}

export interface Election {
  readonly isLeader: boolean;
  /** Lets go, so that another one need not wait. */
  close(): Promise<void>;
}

const standard: ElectionTimes = { leaseMs: 15_000, renewWithinMs: 10_000, retryMs: 2000 };

export function startElection(options: ElectionOptions): Election {
  const { client, world, log, namespace, name, identity, times = standard, lead } = options;
  const path = objectPath(LEASES, namespace, name);
  const stop = new AbortController();
  /** The last seen change of the Lease, by our clock: those of other machines may differ. */
  let seen: { readonly version: string; readonly at: number } | undefined;
  let leading: { readonly end: AbortController; readonly done: Promise<void> } | undefined;
  /** The Lease as we wrote it last; undefined where we do not hold it. */
  let ours: unknown;
  let renewedAt = 0;
  let failing = false;

  /** Whether the Lease is ours now. */
  async function tryToHold(signal: AbortSignal): Promise<boolean> {
    const began = world.monotonic();
    ours = (await renew(signal)) ?? (await take(began, signal));
    if (ours === undefined) return false;
    renewedAt = began;
    return true;
  }

  /**
   * Renews without reading it first: the server refuses that where another process has written
   * after us.
   */
  async function renew(signal: AbortSignal): Promise<unknown> {
    const last = ours;
    if (readText(last, 'metadata', 'resourceVersion') === undefined) return undefined;
    return await write(last, last, identity, signal);
  }

  async function take(began: number, signal: AbortSignal): Promise<unknown> {
    const lease = await client.call('GET', path, { signal }).catch(error => {
      if (isNotFound(error)) return undefined;
      throw error;
    });
    const holder = readText(lease, 'spec', 'holderIdentity') ?? '';
    const version = readText(lease, 'metadata', 'resourceVersion') ?? '';
    if (seen?.version !== version) seen = { version, at: began };
    const leaseMs = (readNumber(lease, 'spec', 'leaseDurationSeconds') ?? 0) * 1000;
    if (holder !== '' && holder !== identity && began < seen.at + leaseMs) return undefined;
    return await write(lease, holder === identity ? lease : undefined, identity, signal);
  }

  /** The Lease as it is now; undefined where another process was faster. */
  async function write(lease: unknown, held: unknown, holder: string, signal?: AbortSignal): Promise<unknown> {
    const now = toMicroTime(world.now());
    const transitions = readNumber(lease, 'spec', 'leaseTransitions') ?? 0;
    const spec = {
      holderIdentity: holder,
      leaseDurationSeconds: holder === '' ? 1 : Math.ceil(times.leaseMs / 1000),
      acquireTime: readText(held, 'spec', 'acquireTime') ?? now,
      renewTime: now,
      leaseTransitions: held === undefined && lease !== undefined ? transitions + 1 : transitions,
    };
    // The update keeps its resourceVersion and the metadata of others, since it replaces the whole
    // object.
    const theirs = read(lease, 'metadata');
    const metadata = { ...(typeof theirs === 'object' ? theirs : {}), name, namespace, managedFields: undefined };
    const body = { apiVersion: apiVersionOf(LEASES), kind: LEASES.kind, metadata, spec };
    try {
      if (lease === undefined) return await client.call('POST', collectionPath(LEASES, namespace), { body, signal });
      return await client.call('PUT', path, { body, signal });
    } catch (error) {
      if (isConflict(error) || isNotFound(error)) return undefined;
      throw error;
    }
  }

  async function begin(): Promise<void> {
    log('info', 'leading', { lease: `${namespace}/${name}`, identity });
    const end = new AbortController();
    const done = lead(end.signal).catch(error =>
      log('error', 'what the leader does has failed', { reason: reasonOf(error) }),
    );
    leading = { end, done };
  }
  async function end(why: string): Promise<void> {
    if (!leading) return;
    const { end: controller, done } = leading;
    leading = undefined;
    log('info', 'not leading any more', { why });
    controller.abort(new Error(why));
    await done;
  }

  async function run(): Promise<void> {
    while (!stop.signal.aborted) {
      try {
        const limit = AbortSignal.timeout(times.renewWithinMs);
        const held = await tryToHold(AbortSignal.any([stop.signal, limit]));
        failing = false;
        if (held && !leading) await begin();
        if (!held) await end('another one holds the lease');
      } catch (error) {
        if (stop.signal.aborted) break;
        if (!failing) log('warn', 'the lease cannot be renewed', { reason: reasonOf(error) });
        failing = true;
      }
      const left = renewedAt + times.renewWithinMs - world.monotonic();
      if (leading && left <= 0) await end('the lease could not be renewed in time');
      const rest = jittered(times.retryMs, world.random());
      await sleep(world, leading ? Math.min(rest, Math.max(left, 10)) : rest, stop.signal).catch(() => {});
    }
  }

  // A call that hangs must not make a leader of one that has lost.
  let guard: { cancel(): void } | undefined;
  const watchOver = () => {
    guard = world.after(Math.min(times.retryMs, 1000), () => {
      if (leading && world.monotonic() >= renewedAt + times.renewWithinMs) {
        void end('the lease could not be renewed in time');
      }
      if (!stop.signal.aborted) watchOver();
    });
  };
  watchOver();
  const running = run();
  return {
    get isLeader() {
      return leading !== undefined;
    },
    async close() {
      const led = leading !== undefined;
      stop.abort(new Error('The operator stops.'));
      guard?.cancel();
      await running;
      await end('the operator stops');
      if (led) await releaseLease().catch(() => {});
    },
  };

  async function releaseLease(): Promise<void> {
    const lease = await client.call('GET', path);
    if (readText(lease, 'spec', 'holderIdentity') === identity) await write(lease, lease, '');
  }
}
