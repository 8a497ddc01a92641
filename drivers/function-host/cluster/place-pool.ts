// One Function that something else runs: calls go to its address, and wait, bounded in time and number, while nobody answers there.
import { TenfoldError } from '../../../core/errors.ts';
import { sleep, type World } from '../../../core/world.ts';
import type { FunctionDefinition, FunctionStatus, Lease, LeaseHolder } from '../function-host.ts';
import { createWaitingQueue } from '../local/waiting-queue.ts';
import type { Probe } from '../probe.ts';
import { createInstances } from './instances.ts';
import type { FunctionPlace, Whereabouts } from './whereabouts.ts';

export interface WaitLimits {
  /** Calls that may wait for one Function; the next one is refused. */
  readonly maxWaiting: number;
  /** How long one waits. */
  readonly waitMs: number;
}

export interface PlacePool {
  tryAcquire(): Lease | undefined;
  acquire(signal: AbortSignal): Promise<Lease>;
  /** Its place may have changed. */
  moved(): void;
  status(): FunctionStatus;
  close(): void;
}

export interface PlacePoolOptions {
  readonly world: World;
  readonly whereabouts: Whereabouts;
  readonly probe: Probe;
  readonly limits: WaitLimits;
}

/** The API server also informs waiting callers. This probe is for what it reports later, or cannot report. */
const PROBE_EVERY_MS = 50;
const PROBE_WITHIN_MS = 500;
/** For so long after its instances have changed they are called directly: by then its address leads to them, and to no others. */
const SETTLES_MS = 5_000;
/** For so long calls wait for an instance of an address that is new: from here that may lead nowhere yet. */
const NEW_FOR_MS = 1_000;
/** For so long after a call timed out instances are called directly, to find those that only let calls time out. */
const SUSPECTED_MS = 60_000;
const OFF_SECONDS = 30;
const FAILING_SECONDS = 5;

const STATES = {
  up: 'ready',
  starting: 'starting',
  asleep: 'idle',
  off: 'idle',
  gone: 'failing',
  failing: 'failing',
} as const;

export function createPlacePool(
  { namespace, name, health }: Pick<FunctionDefinition, 'namespace' | 'name' | 'health'>,
  { world, whereabouts, probe, limits }: PlacePoolOptions,
): PlacePool {
  const answersAt = (url: string, timeoutMs: number) => probe(url, timeoutMs, health?.readyPath);
  const waiting = createWaitingQueue<Lease>();
  const ended = new AbortController();
  let inFlight = 0;
  let probing = false;
  /** An address that answered before the place says so. It holds until the place changes. */
  let found: { readonly place: FunctionPlace; readonly url: string } | undefined;
  let known = whereabouts.of(namespace, name);
  let settlesUntil = 0;
  let newUntil = 0;
  const instances = createInstances({
    world,
    probe: answersAt,
    follow: told => whereabouts.followInstances(namespace, name, told),
    answers: () => moved(),
    outliersChanged: tellOutliers,
  });

  /** `instance` where one of them is called directly. */
  interface Address {
    readonly url: string;
    readonly instance?: string | undefined;
  }

  function notice(place: FunctionPlace): void {
    if (place === known) return;
    if (urlOf(place) !== urlOf(known)) {
      instances.forget();
      newUntil = world.monotonic() + NEW_FOR_MS;
    }
    known = place;
    settlesUntil = place.state === 'up' ? world.monotonic() + SETTLES_MS : 0;
  }

  /** For a call that is made or waits. */
  function addressAt(place: FunctionPlace): Address | undefined {
    notice(place);
    if (!('url' in place) || place.url === undefined) return undefined;
    const { url } = place;
    if (place.state === 'up') {
      if (instances.outliers.count > 0) {
        suspect();
        tellOutliers();
      }
      if (settlesUntil === 0) return { url };
      if (world.monotonic() < settlesUntil) {
        const isFollowed = instances.follow(settlesUntil);
        const instance = instances.next();
        const waits = isFollowed && instance === undefined && world.monotonic() < newUntil;
        return waits ? undefined : { url, instance };
      }
      settlesUntil = 0;
      return { url };
    }
    const instance = instances.next();
    if (instance !== undefined) {
      instances.follow(world.monotonic() + SETTLES_MS);
      return { url, instance };
    }
    return found?.place === place ? { url: found.url } : undefined;
  }

  function tellOutliers(): void {
    whereabouts.unresponsive?.(namespace, name, instances.outliers.count);
  }

  function suspect(): void {
    settlesUntil = Math.max(settlesUntil, world.monotonic() + SUSPECTED_MS);
  }

  /** An ended call says something of its instance. A call whose caller left says nothing. */
  function learnFrom(holder: LeaseHolder | undefined, instance: string | undefined): void {
    if (holder === undefined) return;
    if (holder.begun) {
      if (instance !== undefined) instances.outliers.answered(instance);
    } else if (holder.remainingMs <= 1) {
      if (instance === undefined) suspect();
      else instances.outliers.timedOut(instance);
    }
  }

  function tryAcquire(): Lease | undefined {
    if (ended.signal.aborted) throw stopping();
    whereabouts.called(namespace, name);
    const address = addressAt(whereabouts.of(namespace, name));
    return address && lease(address);
  }

  async function acquire(signal: AbortSignal): Promise<Lease> {
    const free = tryAcquire();
    if (free) return free;
    const impossible = refusal(whereabouts.of(namespace, name));
    if (impossible) throw impossible;
    if (waiting.size >= limits.maxWaiting) {
      const message = `${waiting.size} requests already wait for function ${name} to start.`;
      throw new TenfoldError('overloaded', message, { retryAfterSeconds: 1 });
    }
    const late = new AbortController();
    const timer = world.after(limits.waitMs, () => late.abort(tooLate()));
    const place = waiting.join(AbortSignal.any([signal, late.signal]));
    void look();
    try {
      return await place;
    } finally {
      timer.cancel();
    }
  }

  /** Runs as long as a caller waits. */
  async function look(): Promise<void> {
    if (probing) return;
    probing = true;
    try {
      while (waiting.size > 0 && !ended.signal.aborted) {
        // Again and again: whoever was to be told may have been away.
        whereabouts.called(namespace, name);
        const place = whereabouts.of(namespace, name);
        if ('url' in place && place.url !== undefined && place.state !== 'up') {
          instances.follow(world.monotonic() + SETTLES_MS);
          if (await answersAt(place.url, PROBE_WITHIN_MS)) found = { place, url: place.url };
        }
        moved();
        if (waiting.size > 0) await sleep(world, PROBE_EVERY_MS, ended.signal).catch(() => {});
      }
    } finally {
      probing = false;
    }
  }

  function moved(): void {
    const place = whereabouts.of(namespace, name);
    notice(place);
    while (waiting.size > 0) {
      const address = addressAt(place);
      if (!address) break;
      waiting.serve(lease(address));
    }
    const impossible = refusal(place);
    if (impossible && waiting.size > 0) waiting.refuseAll(impossible);
  }

  function lease({ url, instance }: Address): Lease {
    const { origin, pathname } = new URL(url);
    inFlight++;
    let isHeld = true;
    const held: Lease = {
      origin,
      via: instance,
      basePath: pathname.replace(/\/+$/, ''),
      provider: providerOf(whereabouts.of(namespace, name)),
      holder: undefined,
      release() {
        if (!isHeld) return;
        isHeld = false;
        inFlight--;
        learnFrom(held.holder, instance);
      },
    };
    return held;
  }

  function refusal(place: FunctionPlace): TenfoldError | undefined {
    if (place.state === 'off') {
      return new TenfoldError('function-off', `Function ${name} is scaled to 0 replicas.`, {
        retryAfterSeconds: OFF_SECONDS,
      });
    }
    if (place.state === 'gone') {
      const message = `Function ${name} has been deleted, and something still leads to it. Declare it again, or let the caller lead elsewhere.`;
      return new TenfoldError('unknown-function', message);
    }
    if (place.state !== 'failing') return undefined;
    return new TenfoldError('function-crashed', `Function ${name} does not start: ${place.why}`, {
      retryAfterSeconds: FAILING_SECONDS,
    });
  }

  function tooLate(): TenfoldError {
    const seconds = Math.round(limits.waitMs / 1000);
    return new TenfoldError('function-crashed', `Function ${name} has not started within ${seconds} s.`, {
      retryAfterSeconds: FAILING_SECONDS,
    });
  }

  function stopping(): TenfoldError {
    return new TenfoldError('shutting-down', `Function ${name} is not called any more; try again.`, {
      retryAfterSeconds: 1,
    });
  }

  return {
    tryAcquire,
    acquire,
    moved,
    status() {
      const { state } = whereabouts.of(namespace, name);
      const { count } = instances.outliers;
      const { size } = waiting;
      const silent =
        count === 0 ? {} : { lastError: `${count} of its instances only let calls time out, and get none.` };
      return { name, namespace, state: STATES[state], instances: 0, inFlight, waiting: size, restarts: 0, ...silent };
    },
    close() {
      ended.abort();
      instances.forget();
      waiting.refuseAll(stopping());
    },
  };
}

function providerOf(place: FunctionPlace): string | undefined {
  return 'provider' in place ? place.provider : undefined;
}

function urlOf(place: FunctionPlace): string | undefined {
  return 'url' in place ? place.url : undefined;
}
