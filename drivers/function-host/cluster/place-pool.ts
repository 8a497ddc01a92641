// One Function that something else runs: calls go to its address, and wait, bounded in time and
// number, while nobody answers there.

import { TenfoldError } from '../../../core/errors.ts';
import { withoutTrailingSlashes } from '../../../core/paths/trailing-slashes.ts';
import { sleep, type World } from '../../../core/world.ts';
import type { FunctionDefinition, FunctionStatus, Lease } from '../function-host.ts';
import { createWaitingQueue } from '../local/waiting-queue.ts';
import type { Probe } from '../probe.ts';
import { type PlaceAddress, PlaceAddresses } from './place-address.ts';
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

/**
 * The API server also informs waiting callers. This probe is for what it
 * reports later, or cannot report.
 */
const PROBE_EVERY_MS = 50;
const OFF_SECONDS = 30;
const FAILING_SECONDS = 5;
const GONE = 'It has been deleted, and something still leads to it.';

const STATES = {
  up: 'available',
  starting: 'starting',
  asleep: 'asleep',
  off: 'stopped',
  gone: 'unavailable',
  failing: 'unavailable',
} as const;

export function createPlacePool(
  definition: Pick<FunctionDefinition, 'namespace' | 'name' | 'health'>,
  options: PlacePoolOptions,
): PlacePool {
  return new WaitingPool(definition, options);
}

class WaitingPool implements PlacePool {
  readonly #namespace: string;
  readonly #name: string;
  readonly #options: PlacePoolOptions;
  readonly #addresses: PlaceAddresses;
  readonly #waiting = createWaitingQueue<Lease>();
  readonly #ended = new AbortController();
  #inFlight = 0;
  #probing = false;

  constructor(definition: Pick<FunctionDefinition, 'namespace' | 'name' | 'health'>, options: PlacePoolOptions) {
    const { world, whereabouts, probe } = options;
    this.#namespace = definition.namespace;
    this.#name = definition.name;
    this.#options = options;
    this.#addresses = new PlaceAddresses(definition, { world, whereabouts, probe, answers: () => this.moved() });
  }

  tryAcquire(): Lease | undefined {
    if (this.#ended.signal.aborted) throw stopping(this.#name);
    this.#options.whereabouts.called(this.#namespace, this.#name);
    const address = this.#addresses.at(this.#place());
    return address && this.#lease(address);
  }

  async acquire(signal: AbortSignal): Promise<Lease> {
    const free = this.tryAcquire();
    if (free) return free;
    const impossible = refusalOf(this.#name, this.#place());
    if (impossible) throw impossible;
    const { world, limits } = this.#options;
    if (this.#waiting.size >= limits.maxWaiting) {
      const message = `No more requests can wait for function ${this.#name} to start; ${this.#waiting.size} do.`;
      throw new TenfoldError('overloaded', message, { retryAfterSeconds: 1, reason: 'limit.instances' });
    }
    const late = new AbortController();
    const timer = world.after(limits.waitMs, () => late.abort(tooLate(this.#name, limits.waitMs)));
    const lease = this.#waiting.join(AbortSignal.any([signal, late.signal]));
    void this.#look();
    try {
      return await lease;
    } finally {
      timer.cancel();
    }
  }

  moved(): void {
    const place = this.#place();
    this.#addresses.notice(place);
    while (this.#waiting.size > 0) {
      const address = this.#addresses.at(place);
      if (!address) break;
      this.#waiting.serve(this.#lease(address));
    }
    const impossible = refusalOf(this.#name, place);
    if (impossible && this.#waiting.size > 0) this.#waiting.refuseAll(impossible);
  }

  status(): FunctionStatus {
    const place = this.#place();
    const count = this.#addresses.outliers;
    const silent = count === 0 ? undefined : `${count} of its instances only let calls time out, and get none.`;
    const lastError = place.state === 'failing' ? place.why : place.state === 'gone' ? GONE : silent;
    return {
      name: this.#name,
      namespace: this.#namespace,
      state: STATES[place.state],
      instances: 0,
      inFlight: this.#inFlight,
      waiting: this.#waiting.size,
      restarts: 0,
      ...(lastError === undefined ? {} : { lastError }),
    };
  }

  close(): void {
    this.#ended.abort();
    this.#addresses.close();
    this.#waiting.refuseAll(stopping(this.#name));
  }

  #place(): FunctionPlace {
    return this.#options.whereabouts.of(this.#namespace, this.#name);
  }

  /** Runs as long as a caller waits. */
  async #look(): Promise<void> {
    if (this.#probing) return;
    this.#probing = true;
    const { world, whereabouts } = this.#options;
    const { signal } = this.#ended;
    try {
      while (this.#waiting.size > 0 && !signal.aborted) {
        // Again and again: whoever was to be told may have been away.
        whereabouts.called(this.#namespace, this.#name);
        await this.#addresses.lookAt(this.#place());
        this.moved();
        if (this.#waiting.size > 0) await sleep(world, PROBE_EVERY_MS, signal).catch(() => {});
      }
    } finally {
      this.#probing = false;
    }
  }

  #lease({ url, instance }: PlaceAddress): Lease {
    const { origin, pathname } = new URL(url);
    this.#inFlight++;
    let isHeld = true;
    const held: Lease = {
      origin,
      via: instance,
      basePath: withoutTrailingSlashes(pathname),
      provider: providerOf(this.#place()),
      holder: undefined,
      release: () => {
        if (!isHeld) return;
        isHeld = false;
        this.#inFlight--;
        this.#addresses.learnFrom(held.holder, instance);
      },
    };
    return held;
  }
}

function refusalOf(name: string, place: FunctionPlace): TenfoldError | undefined {
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

function tooLate(name: string, waitMs: number): TenfoldError {
  const seconds = Math.round(waitMs / 1000);
  return new TenfoldError('function-crashed', `Function ${name} has not started within ${seconds} s.`, {
    retryAfterSeconds: FAILING_SECONDS,
    reason: 'function.slow-start',
  });
}

function stopping(name: string): TenfoldError {
  return new TenfoldError('shutting-down', `Function ${name} is not called any more; try again.`, {
    retryAfterSeconds: 1,
    reason: 'function.stopping',
  });
}

function providerOf(place: FunctionPlace): string | undefined {
  return 'provider' in place ? place.provider : undefined;
}
