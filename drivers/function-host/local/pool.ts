// The instances of one function: hands out places, starts and stops instances, and replaces
// them when the code changes.
import type { TenfoldError } from '../../../core/errors.ts';
import type { FunctionDefinition, FunctionStatus, Lease } from '../function-host.ts';
import { CrashLoop } from './crash-loop.ts';
import type { LoadFailure } from './instance.ts';
import {
  beginsAt,
  countCurrent,
  countIn,
  countSilent,
  createMember,
  freeMember,
  type PoolMember,
  totalInFlight,
  versionsOf,
} from './members.ts';
import { hungText, poolErrors, silentText } from './pool-texts.ts';
import type { Pool, PoolOptions } from './pool-types.ts';
import { wantedInstances } from './scale.ts';
import { createWaitingQueue } from './waiting-queue.ts';
import { watchHealth } from './watch-health.ts';

export class LocalPool implements Pool {
  readonly files = new Set<string>();
  readonly #definition: FunctionDefinition;
  readonly #options: PoolOptions;
  readonly #concurrency: number;
  readonly #errors: ReturnType<typeof poolErrors>;
  readonly #crashLoop: CrashLoop;
  readonly #waiting = createWaitingQueue<Lease>();
  readonly #members = new Set<PoolMember>();
  /** The version of the code: each change raises it. */
  #version = 1;
  #started = 0;
  #reloading: { readonly file: string; readonly since: number } | undefined;
  #closing: (() => void) | undefined;

  constructor(definition: FunctionDefinition, options: PoolOptions) {
    this.#definition = definition;
    this.#options = options;
    this.#concurrency = definition.concurrency > 0 ? definition.concurrency : Number.POSITIVE_INFINITY;
    this.#errors = poolErrors(definition.name);
    this.#crashLoop = new CrashLoop(options.world, options.limits.healthyMs);
    this.#scale();
  }

  tryAcquire(): Lease | undefined {
    if (this.#closing) throw this.#errors.stopping();
    const member = freeMember(this.#members, this.#concurrency);
    return member && this.#lease(member);
  }

  async acquire(signal: AbortSignal): Promise<Lease> {
    const free = this.tryAcquire();
    if (free) return free;
    if (this.#definition.maxInstances === 0) throw this.#errors.switchedOff();
    if (this.#crashLoop.isBlocked) throw this.#crashed();
    const { size } = this.#waiting;
    if (size >= this.#options.limits.maxWaiting) throw this.#errors.overloaded(size);
    const lease = this.#waiting.join(signal);
    this.#scale();
    return lease;
  }

  status(): FunctionStatus {
    const members = this.#members;
    const { isDown, lastError } = this.#crashLoop;
    const silent = countSilent(members);
    const ready = countIn(members, 'ready') - silent;
    const { name, namespace, minInstances } = this.#definition;
    const state = ready > 0 ? 'available' : isDown || silent > 0 ? 'unavailable' : this.#restState();
    return {
      name,
      namespace,
      state,
      ...(state === 'starting' && minInstances === 0 ? { waking: true } : {}),
      instances: ready,
      inFlight: totalInFlight(members),
      waiting: this.#waiting.size,
      restarts: Math.max(0, this.#started - 1),
      versions: versionsOf(members, this.#version),
      ...(silent > 0 ? { lastError: silentText(silent) } : lastError === undefined ? {} : { lastError }),
    };
  }

  #restState(): FunctionStatus['state'] {
    if (countIn(this.#members, 'starting') > 0) return 'starting';
    return this.#definition.maxInstances === 0 ? 'stopped' : 'asleep';
  }

  reload(file: string): void {
    if (this.#closing) return;
    const isRunning = countIn(this.#members, 'starting') + countIn(this.#members, 'ready') > 0;
    this.#version++;
    this.#crashLoop.reset();
    for (const member of this.#members) if (member.state === 'starting') this.#drain(member);
    if (!isRunning) {
      this.#crashLoop.forgetError();
      this.#scale();
      return;
    }
    this.#reloading = { file, since: this.#options.world.monotonic() };
    this.#start();
  }

  close(graceMs: number): Promise<void> {
    this.#crashLoop.close();
    this.#waiting.refuseAll(this.#errors.stopping());
    return new Promise(resolve => {
      this.#closing = resolve;
      if (this.#members.size === 0) resolve();
      for (const member of this.#members) this.#drain(member, graceMs);
    });
  }

  #lease(member: PoolMember): Lease {
    member.timer?.cancel();
    const held: Lease = {
      origin: member.origin,
      basePath: '',
      holder: undefined,
      release: () => {
        if (member.leases.delete(held)) this.#settle(member);
      },
    };
    member.leases.add(held);
    return held;
  }

  /**
   * After a request ended or an instance became ready: serve who waits,
   * finish a drain, or let it idle.
   */
  #settle(member: PoolMember): void {
    if (member.state === 'draining') {
      if (member.leases.size === 0) this.#stop(member, this.#options.limits.drainMs);
      return;
    }
    const isFree = () => member.state === 'ready' && !member.silent && member.leases.size < this.#concurrency;
    while (this.#waiting.size > 0 && isFree()) this.#waiting.serve(this.#lease(member));
    if (member.state === 'ready' && member.leases.size === 0) this.#letIdle(member);
  }

  /** Drains it when nothing calls it for long enough, unless it is among the fewest that stay. */
  #letIdle(member: PoolMember): void {
    const { idleMs, minInstances } = this.#definition;
    member.timer?.cancel();
    member.timer = this.#options.world.after(idleMs, () => {
      if (countIn(this.#members, 'starting') + countIn(this.#members, 'ready') > minInstances) this.#drain(member);
    });
  }

  #scale(): void {
    const { isBlocked, isBroken } = this.#crashLoop;
    if (this.#closing || isBlocked || (isBroken && countIn(this.#members, 'ready') > 0)) return;
    const wanted = wantedInstances(
      { inFlight: totalInFlight(this.#members), waiting: this.#waiting.size },
      { ...this.#definition, concurrency: this.#concurrency },
    );
    for (let have = countCurrent(this.#members, this.#version); have < wanted; have++) this.#start();
  }

  #start(): void {
    const { world, launch } = this.#options;
    const member = createMember(this.#version, world.monotonic());
    this.#members.add(member);
    this.#started++;
    member.instance = launch({
      ready: origin => this.#onReady(member, origin),
      failed: failure => this.#onFailed(member, failure),
      loaded: names => this.#onLoaded(member, names),
      exited: reason => this.#onExited(member, reason),
    });
  }

  #onLoaded(member: PoolMember, names: readonly string[]): void {
    if (member.version !== this.#version) return;
    for (const name of names) {
      this.files.add(name);
      member.files.add(name);
    }
    this.#options.listener.loaded();
  }

  #onReady(member: PoolMember, origin: string): void {
    if (member.state !== 'starting') return;
    member.state = 'ready';
    member.origin = origin;
    beginsAt(this.#members, member, this.#options.world.now());
    this.#crashLoop.forgetError();
    this.#watch(member);
    for (const other of this.#members) if (other.version < member.version) this.#drain(other);
    this.#endReload(member);
    this.#settle(member);
    this.#scale();
  }

  #endReload(member: PoolMember): void {
    if (!this.#reloading) return;
    const { world, listener } = this.#options;
    // Files that only the code before needed are no longer watched.
    for (const name of this.files) if (!member.files.has(name)) this.files.delete(name);
    listener.loaded();
    listener.reloaded(this.#reloading.file, world.monotonic() - this.#reloading.since);
    this.#reloading = undefined;
  }

  #onFailed(member: PoolMember, failure: LoadFailure): void {
    if (member.state !== 'starting') return;
    this.#drain(member);
    if (member.version !== this.#version) return;
    this.#crashLoop.notLoaded(failure.message);
    this.#reloading = undefined;
    const stillServing = countIn(this.#members, 'ready') > 0;
    if (!stillServing) this.#backOff();
    this.#options.listener.failed(failure, stillServing);
  }

  #onExited(member: PoolMember, reason: string): void {
    const crash = member.state === 'ready';
    member.timer?.cancel();
    member.watch?.close();
    this.#members.delete(member);
    if (this.#closing) {
      if (this.#members.size === 0) this.#closing();
      return;
    }
    if (crash) this.#ended(member, `the process ended by itself (${reason})`);
  }

  /** By a fault of its own. */
  #ended(member: PoolMember, why: string): void {
    this.#crashLoop.ended(why, member.startedAt);
    const stillServing = countIn(this.#members, 'ready') > 0;
    // The first crash is made good at once; one crash after the other is not.
    const replaced = this.#crashLoop.isFirstFailure || stillServing;
    this.#options.listener.failed({ message: why, replaced }, stillServing);
    if (!replaced) this.#backOff();
    this.#scale();
  }

  #watch(member: PoolMember): void {
    const { health } = this.#definition;
    if (!health) return;
    const { world, probe } = this.#options;
    member.watch = watchHealth(world, health, (path, withinMs) => probe(member.origin, withinMs, path), {
      silent: () => {
        member.silent = true;
        this.#scale();
      },
      back: () => {
        member.silent = false;
        this.#settle(member);
      },
      hung: () => this.#onHung(member, health.restartAfterMs),
    });
  }

  #onHung(member: PoolMember, silentMs: number): void {
    if (member.state !== 'ready') {
      this.#stop(member, 0);
      return;
    }
    const inFlight = [...member.leases];
    member.state = 'draining';
    for (const { holder } of inFlight) holder?.fail(this.#errors.hung(silentMs));
    this.#stop(member, 0);
    this.#ended(member, hungText(silentMs, inFlight.length));
  }

  #backOff(): void {
    this.#crashLoop.backOff(() => this.#scale());
    this.#waiting.refuseAll(this.#crashed());
  }

  #crashed(): TenfoldError {
    return this.#errors.crashed(this.#crashLoop.blockedMs);
  }

  /** Gives it no more requests, and stops it when the last one has ended or `graceMs` are over. */
  #drain(member: PoolMember, graceMs = this.#options.limits.drainMs): void {
    if (member.state === 'draining') return;
    member.state = 'draining';
    member.timer?.cancel();
    if (member.leases.size === 0) this.#stop(member, graceMs);
    else member.timer = this.#options.world.after(graceMs, () => this.#stop(member, 0));
  }

  #stop(member: PoolMember, graceMs: number): void {
    member.timer?.cancel();
    member.watch?.close();
    // The launcher reports synchronous failures before it has returned the instance.
    queueMicrotask(() => member.instance?.stop(graceMs));
  }
}
