// The instances of one function: hands out places, starts and stops instances, and replaces them when the code changes.
import { TenfoldError } from '../../../core/errors.ts';
import type { Timer, World } from '../../../core/world.ts';
import type { FunctionDefinition, FunctionStatus, Lease } from '../function-host.ts';
import { backoffMs } from './backoff.ts';
import type { Launcher, LoadFailure } from './instance.ts';
import { countCurrent, countIn, createMember, freeMember, type Member, totalInFlight } from './members.ts';
import { wantedInstances } from './scale.ts';
import { createWaitingLine } from './waiting-line.ts';

/** Somebody has to scale it up again. */
const OFF_SECONDS = 30;

export interface PoolLimits {
  /** Requests that may wait for a place; the next one is refused. */
  readonly maxWaiting: number;
  /** How long an instance that is being replaced or stopped may finish its requests, milliseconds. */
  readonly drainMs: number;
  /** An instance that ran at least this long before it exited was healthy: the backoff begins anew. */
  readonly healthyMs: number;
}

export interface PoolListener {
  failed(failure: LoadFailure, stillServing: boolean): void;
  reloaded(file: string, tookMs: number): void;
  /** `files` of the pool has changed. */
  loaded(): void;
}

export interface PoolOptions {
  readonly world: World;
  readonly launch: Launcher;
  readonly limits: PoolLimits;
  readonly listener: PoolListener;
}

export interface Pool {
  tryAcquire(): Lease | undefined;
  acquire(signal: AbortSignal): Promise<Lease>;
  status(): FunctionStatus;
  /** Local modules that the running code consists of, absolute paths. */
  readonly files: ReadonlySet<string>;
  /** Replaces the running instances by new ones with the changed code; without any, only forgets past failures. */
  reload(file: string): void;
  close(graceMs: number): Promise<void>;
}

export function createPool(definition: FunctionDefinition, options: PoolOptions): Pool {
  const { world, launch, limits, listener } = options;
  const concurrency = definition.concurrency > 0 ? definition.concurrency : Number.POSITIVE_INFINITY;
  const label = `Function ${definition.name}`;
  const waiting = createWaitingLine<Lease>();
  const members = new Set<Member>();
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
    if (closing) throw stopping();
    const member = freeMember(members, concurrency);
    return member && lease(member);
  }

  async function acquire(signal: AbortSignal): Promise<Lease> {
    const free = tryAcquire();
    if (free) return free;
    if (definition.maxInstances === 0) throw switchedOff();
    if (blocked()) throw crashed();
    if (waiting.size >= limits.maxWaiting) {
      throw new TenfoldError('overloaded', `${waiting.size} requests already wait for function ${definition.name}.`, {
        retryAfterSeconds: 1,
      });
    }
    const place = waiting.join(signal);
    scale();
    return place;
  }

  function lease(member: Member): Lease {
    member.inFlight++;
    member.timer?.cancel();
    let held = true;
    return {
      origin: member.origin,
      basePath: '',
      release() {
        if (!held) return;
        held = false;
        member.inFlight--;
        settle(member);
      },
    };
  }

  /** After a request ended or an instance became ready: serve who waits, finish a drain, or let it idle. */
  function settle(member: Member): void {
    if (member.state === 'draining') {
      if (member.inFlight === 0) stop(member, limits.drainMs);
      return;
    }
    while (member.state === 'ready' && member.inFlight < concurrency && waiting.size > 0) waiting.serve(lease(member));
    if (member.state === 'ready' && member.inFlight === 0) {
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

  function onReady(member: Member, origin: string): void {
    if (member.state !== 'starting') return;
    member.state = 'ready';
    member.origin = origin;
    lastError = undefined;
    for (const other of members) if (other.version < member.version) drain(other);
    if (reloading) {
      // What only the code before needed is no longer watched.
      for (const name of files) if (!member.files.has(name)) files.delete(name);
      listener.loaded();
      listener.reloaded(reloading.file, world.monotonic() - reloading.since);
      reloading = undefined;
    }
    settle(member);
    scale();
  }

  function onFailed(member: Member, failure: LoadFailure): void {
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

  function onExited(member: Member, reason: string): void {
    const crash = member.state === 'ready';
    member.timer?.cancel();
    members.delete(member);
    if (closing) {
      if (members.size === 0) closing();
      return;
    }
    if (!crash) return;
    failures = world.monotonic() - member.startedAt >= limits.healthyMs ? 1 : failures + 1;
    lastError = `the process ended by itself (${reason})`;
    listener.failed({ message: lastError }, countIn(members, 'ready') > 0);
    // The first crash is made good at once; one crash after the other is not.
    if (failures > 1 && countIn(members, 'ready') === 0) backOff();
    scale();
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

  function crashed(): TenfoldError {
    const seconds = Math.max(1, Math.ceil((blockedUntil - world.monotonic()) / 1000));
    return new TenfoldError('function-crashed', `${label} does not start; its log says why.`, {
      retryAfterSeconds: seconds,
    });
  }

  function switchedOff(): TenfoldError {
    return new TenfoldError('function-off', `${label} is scaled to 0 replicas.`, { retryAfterSeconds: OFF_SECONDS });
  }

  function stopping(): TenfoldError {
    return new TenfoldError('shutting-down', `${label} is being stopped; try again.`, { retryAfterSeconds: 1 });
  }

  /** Gives it no more requests, and stops it when the last one has ended or `graceMs` are over. */
  function drain(member: Member, graceMs = limits.drainMs): void {
    if (member.state === 'draining') return;
    member.state = 'draining';
    member.timer?.cancel();
    if (member.inFlight === 0) stop(member, graceMs);
    else member.timer = world.after(graceMs, () => stop(member, 0));
  }

  function stop(member: Member, graceMs: number): void {
    member.timer?.cancel();
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
    const ready = countIn(members, 'ready');
    const idle = countIn(members, 'starting') > 0 ? 'starting' : 'idle';
    return {
      name: definition.name,
      namespace: definition.namespace,
      state: ready > 0 ? 'ready' : broken || blocked() ? 'failing' : idle,
      instances: ready,
      inFlight: totalInFlight(members),
      waiting: waiting.size,
      restarts: Math.max(0, started - 1),
      ...(lastError === undefined ? {} : { lastError }),
    };
  }

  function close(graceMs: number): Promise<void> {
    retry?.cancel();
    waiting.refuseAll(stopping());
    return new Promise(resolve => {
      closing = resolve;
      if (members.size === 0) resolve();
      for (const member of members) drain(member, graceMs);
    });
  }
}
