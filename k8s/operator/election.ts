// Leader election by a Lease, as in other controllers: the process that renews it leads; one that
// cannot renew in time stops before another begins.
import { jittered } from '../../core/retry/backoff.ts';
import { unlessAborted } from '../../core/unless-aborted.ts';
import type { Timer, World } from '../../core/world.ts';
import { sleep } from '../../core/world.ts';
import type { KubeClient } from '../api/kube-client.ts';
import { type Log, reasonOf } from '../api/outages.ts';
import { LeaseLock } from './lease-lock.ts';

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
  /**
   * Resolves once this process can do the work. It does not apply for the Lease before, and never
   * when this rejects; the caller reports why.
   */
  readonly able: Promise<unknown>;
  /**
   * Works until `signal` aborts. Another process may lead `leaseMs` after the last renewal, and
   * `signal` aborts `renewWithinMs` after it: the work must end in the time between. The Lease is
   * given up when the work fails or ends earlier, and others have `leaseMs` to take it.
   */
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
  /** Ends the work and releases the Lease, so that another process need not wait. */
  close(): Promise<void>;
}

const standard: ElectionTimes = { leaseMs: 15_000, renewWithinMs: 10_000, retryMs: 2000 };

export function startElection(options: ElectionOptions): Election {
  const elector = new Elector(options);
  elector.start();
  return elector;
}

class Elector implements Election {
  readonly #options: ElectionOptions;
  readonly #times: ElectionTimes;
  readonly #lock: LeaseLock;
  readonly #stop = new AbortController();
  /** Ends what this process does as the leader; undefined while it does not lead. */
  #leading: AbortController | undefined;
  /** Resolves once all work as the leader has ended, that of an earlier time included. */
  #done: Promise<void> = Promise.resolve();
  #renewedAt = 0;
  /** Before that it does not apply for the Lease: its own work has failed. */
  #restsUntil = Number.NEGATIVE_INFINITY;
  /** Whether the last attempt failed: an outage is logged once. */
  #failing = false;
  #running: Promise<void> | undefined;
  #guard: Timer | undefined;

  constructor(options: ElectionOptions) {
    const { client, world, namespace, name, identity, times = standard } = options;
    this.#options = options;
    this.#times = times;
    this.#lock = new LeaseLock({ client, world, namespace, name, identity, leaseMs: times.leaseMs });
  }

  get isLeader(): boolean {
    return this.#leading !== undefined;
  }

  start(): void {
    this.#watchOver();
    this.#running = this.#run();
  }

  async close(): Promise<void> {
    const led = this.isLeader;
    this.#stop.abort(new Error('The operator stops.'));
    this.#guard?.cancel();
    await this.#running;
    await this.#end('the operator stops');
    await this.#done;
    if (led) await this.#release();
  }

  async #run(): Promise<void> {
    const { world } = this.#options;
    const { renewWithinMs, retryMs } = this.#times;
    const { signal } = this.#stop;
    if (!(await this.#isAble(signal))) return;
    while (!signal.aborted) {
      if (world.monotonic() >= this.#restsUntil) await this.#tryToLead(signal);
      if (signal.aborted) return;
      const left = this.#renewedAt + renewWithinMs - world.monotonic();
      if (this.#leading && left <= 0) await this.#end('the lease could not be renewed in time');
      const rest = jittered(retryMs, world.random());
      await sleep(world, this.#leading ? Math.min(rest, Math.max(left, 10)) : rest, signal).catch(() => {});
    }
  }

  /** Waits until it is; false when it never will be, or has to stop. */
  async #isAble(signal: AbortSignal): Promise<boolean> {
    try {
      await unlessAborted(this.#options.able, signal);
      return !signal.aborted;
    } catch {
      return false;
    }
  }

  async #tryToLead(signal: AbortSignal): Promise<void> {
    const { world, log } = this.#options;
    try {
      const began = world.monotonic();
      const limit = AbortSignal.timeout(this.#times.renewWithinMs);
      const held = await this.#lock.tryToHold(AbortSignal.any([signal, limit]));
      if (held) this.#renewedAt = began;
      this.#failing = false;
      // A request was under way while the work ended.
      if (held && began < this.#restsUntil) await this.#lock.release(limit);
      else if (held) this.#begin();
      else await this.#end('another one holds the lease');
    } catch (error) {
      if (signal.aborted) return;
      if (!this.#failing) log('warn', 'the lease cannot be renewed', { reason: reasonOf(error) });
      this.#failing = true;
    }
  }

  #begin(): void {
    if (this.#leading) return;
    const { log, namespace, name, identity, lead } = this.#options;
    log('info', 'leading', { lease: `${namespace}/${name}`, identity });
    const end = new AbortController();
    this.#leading = end;
    // Work of an earlier time may still be ending, and no object is worked on twice at a time.
    this.#done = this.#done
      .then(() => (end.signal.aborted ? undefined : lead(end.signal)))
      .catch(error => log('error', 'what the leader does has failed', { reason: reasonOf(error) }))
      .then(() => this.#giveUp(end));
  }

  /** A process that does not work must not hold the Lease. */
  async #giveUp(led: AbortController): Promise<void> {
    if (this.#leading !== led) return;
    this.#leading = undefined;
    this.#restsUntil = this.#options.world.monotonic() + this.#times.leaseMs;
    this.#options.log('info', 'not leading any more', { why: 'its work has ended' });
    await this.#release();
  }

  /** It ends before the rest does, so that it cannot meet a later hold. */
  async #release(): Promise<void> {
    const { renewWithinMs, leaseMs } = this.#times;
    await this.#lock.release(AbortSignal.timeout(Math.min(renewWithinMs, leaseMs))).catch(() => {});
  }

  async #end(why: string): Promise<void> {
    if (!this.#leading) return;
    const end = this.#leading;
    this.#leading = undefined;
    this.#options.log('info', 'not leading any more', { why });
    end.abort(new Error(why));
    await this.#done;
  }

  /** Ends the lead in time also while a call hangs that is to renew the Lease. */
  #watchOver(): void {
    const { world } = this.#options;
    const { renewWithinMs, retryMs } = this.#times;
    this.#guard = world.after(Math.min(retryMs, 1000), () => {
      if (this.#leading && world.monotonic() >= this.#renewedAt + renewWithinMs) {
        void this.#end('the lease could not be renewed in time');
      }
      if (!this.#stop.signal.aborted) this.#watchOver();
    });
  }
}
