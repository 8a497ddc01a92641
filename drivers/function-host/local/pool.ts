// The instances of one function: hands out places, starts and stops instances, and replaces them when the code changes.
import type { Timer } from '../../../core/world.ts';
import type { FunctionDefinition, FunctionStatus, Lease } from '../function-host.ts';
import { backoffMs } from './backoff.ts';
import type { LoadFailure } from './instance.ts';
import {
  countCurrent,
  countIn,
  countSilent,
  createMember,
  freeMember,
  type PoolMember,
  totalInFlight,
} from './members.ts';
import { hungText, poolErrors, silentText } from './pool-texts.ts';
import type { Pool, PoolOptions } from './pool-types.ts';
import { wantedInstances } from './scale.ts';
import { createWaitingQueue } from './waiting-queue.ts';
import { watchHealth } from './watch-health.ts';

export function createPool(definition: FunctionDefinition, options: PoolOptions): Pool {
  const { world, launch, limits, listener, probe } = options;
  const concurrency = definition.concurrency > 0 ? definition.concurrency : Number.POSITIVE_INFINITY;
  const errors = poolErrors(definition.name);
  const waiting = createWaitingQueue<Lease>();
  const members = new Set<PoolMember>();
  const files = new Set<string>();
  let version = 1;
  let started = 0;
  let failures = 0;
  let lastError: string | undefined;
  /** The code of this version does not load; an older one may still serve. Cleared by the next change. */
  let broken = false;
  let blockedUntil = 0;
  let retry: Timer | undefined;
  let reloading: { readonly file: string; readonly since: number } | undefined;
  let closing: (() => void) | undefined;

  scale();
  return { tryAcquire, acquire, status, files, reload, close };

  function tryAcquire(): Lease | undefined {
    if (closing) throw errors.stopping();
    const member = freeMember(members, concurrency);
    return member && lease(member);
  }

  async function acquire(signal: AbortSignal): Promise<Lease> {
    const free = tryAcquire();
    if (free) return free;
    if (definition.maxInstances === 0) throw errors.switchedOff();
    if (blocked()) throw crashed();
    if (waiting.size >= limits.maxWaiting) throw errors.overloaded(waiting.size);
    const place = waiting.join(signal);
    scale();
    return place;
  }

  function lease(member: PoolMember): Lease {
    member.timer?.cancel();
    const held: Lease = {
      origin: member.origin,
      basePath: '',
      holder: undefined,
      release() {
        if (member.leases.delete(held)) settle(member);
      },
    };
    member.leases.add(held);
    return held;
  }

  /** After a request ended or an instance became ready: serve who waits, finish a drain, or let it idle. */
  function settle(member: PoolMember): void {
    if (member.state === 'draining') {
      if (member.leases.size === 0) stop(member, limits.drainMs);
      return;
    }
    const isFree = () => member.state === 'ready' && !member.silent && member.leases.size < concurrency;
    while (waiting.size > 0 && isFree()) waiting.serve(lease(member));
    if (member.state === 'ready' && member.leases.size === 0) {
      member.timer?.cancel();
      member.timer = world.after(definition.idleMs, () => {
        if (countIn(members, 'starting') + countIn(members, 'ready') > definition.minInstances) drain(member);
      });
    }
  }

  function scale(): void {
    if (closing || blocked() || (broken && countIn(members, 'ready') > 0)) return;
    const wanted = wantedInstances(
      { inFlight: totalInFlight(members), waiting: waiting.size },
      { ...definition, concurrency },
    );
    for (let have = countCurrent(members, version); have < wanted; have++) start();
  }

  function start(): void {
    const member = createMember(version, world.monotonic());
    members.add(member);
    started++;
    member.instance = launch({
      ready: origin => onReady(member, origin),
      failed: failure => onFailed(member, failure),
      loaded: names => {
        if (member.version !== version) return;
        for (const name of names) {
          files.add(name);
          member.files.add(name);
        }
        listener.loaded();
      },
      exited: reason => onExited(member, reason),
    });
  }

  function onReady(member: PoolMember, origin: string): void {
    if (member.state !== 'starting') return;
    member.state = 'ready';
    member.origin = origin;
    lastError = undefined;
    watch(member);
    for (const other of members) if (other.version < member.version) drain(other);
    if (reloading) {
      // Files that only the code before needed are no longer watched.
      for (const name of files) if (!member.files.has(name)) files.delete(name);
      listener.loaded();
      listener.reloaded(reloading.file, world.monotonic() - reloading.since);
      reloading = undefined;
    }
    settle(member);
    scale();
  }

  function onFailed(member: PoolMember, failure: LoadFailure): void {
    if (member.state !== 'starting') return;
    drain(member);
    if (member.version !== version) return;
    failures++;
    broken = true;
    reloading = undefined;
    lastError = failure.message;
    const stillServing = countIn(members, 'ready') > 0;
    if (!stillServing) backOff();
    listener.failed(failure, stillServing);
  }

  function onExited(member: PoolMember, reason: string): void {
    const crash = member.state === 'ready';
    member.timer?.cancel();
    member.watch?.close();
    members.delete(member);
    if (closing) {
      if (members.size === 0) closing();
      return;
    }
    if (crash) ended(member, `the process ended by itself (${reason})`);
  }

  /** By a fault of its own. */
  function ended(member: PoolMember, why: string): void {
    failures = world.monotonic() - member.startedAt >= limits.healthyMs ? 1 : failures + 1;
    lastError = why;
    const stillServing = countIn(members, 'ready') > 0;
    // The first crash is made good at once; one crash after the other is not.
    const replaced = failures === 1 || stillServing;
    listener.failed({ message: lastError, replaced }, stillServing);
    if (!replaced) backOff();
    scale();
  }

  function watch(member: PoolMember): void {
    const { health } = definition;
    if (!health) return;
    member.watch = watchHealth(world, health, (path, withinMs) => probe(member.origin, withinMs, path), {
      silent() {
        member.silent = true;
        scale();
      },
      back() {
        member.silent = false;
        settle(member);
      },
      hung() {
        if (member.state !== 'ready') return stop(member, 0);
        const inFlight = [...member.leases];
        member.state = 'draining';
        for (const { holder } of inFlight) holder?.fail(errors.hung(health.restartAfterMs));
        stop(member, 0);
        ended(member, hungText(health.restartAfterMs, inFlight.length));
      },
    });
  }

  function backOff(): void {
    const delay = backoffMs(failures, world.random());
    blockedUntil = world.monotonic() + delay;
    waiting.refuseAll(crashed());
    retry?.cancel();
    retry = world.after(delay, () => {
      broken = false;
      scale();
    });
  }

  function blocked(): boolean {
    return world.monotonic() < blockedUntil;
  }

  function crashed() {
    return errors.crashed(blockedUntil - world.monotonic());
  }

  /** Gives it no more requests, and stops it when the last one has ended or `graceMs` are over. */
  function drain(member: PoolMember, graceMs = limits.drainMs): void {
    if (member.state === 'draining') return;
    member.state = 'draining';
    member.timer?.cancel();
    if (member.leases.size === 0) stop(member, graceMs);
    else member.timer = world.after(graceMs, () => stop(member, 0));
  }

  function stop(member: PoolMember, graceMs: number): void {
    member.timer?.cancel();
    member.watch?.close();
    // The launcher reports synchronous failures before it has returned the instance.
    queueMicrotask(() => member.instance?.stop(graceMs));
  }

  function reload(file: string): void {
    if (closing) return;
    const running = countIn(members, 'starting') + countIn(members, 'ready') > 0;
    version++;
    failures = 0;
    broken = false;
    blockedUntil = 0;
    retry?.cancel();
    for (const member of members) if (member.state === 'starting') drain(member);
    if (!running) {
      lastError = undefined;
      scale();
      return;
    }
    reloading = { file, since: world.monotonic() };
    start();
  }

  function status(): FunctionStatus {
    const silent = countSilent(members);
    const ready = countIn(members, 'ready') - silent;
    const idle = countIn(members, 'starting') > 0 ? 'starting' : 'idle';
    return {
      name: definition.name,
      namespace: definition.namespace,
      state: ready > 0 ? 'ready' : broken || blocked() || silent > 0 ? 'failing' : idle,
      instances: ready,
      inFlight: totalInFlight(members),
      waiting: waiting.size,
      restarts: Math.max(0, started - 1),
      ...(silent > 0 ? { lastError: silentText(silent) } : lastError === undefined ? {} : { lastError }),
    };
  }

  function close(graceMs: number): Promise<void> {
    retry?.cancel();
    waiting.refuseAll(errors.stopping());
    return new Promise(resolve => {
      closing = resolve;
      if (members.size === 0) resolve();
      for (const member of members) drain(member, graceMs);
    });
  }
}
