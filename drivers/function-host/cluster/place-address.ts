// Where calls of one Function go: to its address, or directly to one of its instances while its
// address cannot be relied on.
import type { World } from '../../../core/world.ts';
import type { FunctionDefinition, LeaseHolder } from '../function-host.ts';
import type { Probe } from '../probe.ts';
import { FollowedInstances } from './instances.ts';
import type { FunctionPlace, Whereabouts } from './whereabouts.ts';

/** `instance` where one of them is called directly. */
export interface PlaceAddress {
  readonly url: string;
  readonly instance?: string | undefined;
}

export interface PlaceAddressesOptions {
  readonly world: World;
  readonly whereabouts: Whereabouts;
  readonly probe: Probe;
  /** An instance answers now. */
  readonly answers: () => void;
}

const PROBE_WITHIN_MS = 500;
/**
 * For so long after its instances have changed they are called directly: by then its address leads
 * to them, and to no others.
 */
const SETTLES_MS = 5_000;
/**
 * For so long calls wait for an instance of an address that is new: from here
 * that may lead nowhere yet.
 */
const NEW_FOR_MS = 1_000;
/**
 * For so long after a call timed out instances are called directly, to find those
 * that only let calls time out.
 */
const SUSPECTED_MS = 60_000;

export class PlaceAddresses {
  readonly #world: World;
  readonly #whereabouts: Whereabouts;
  readonly #namespace: string;
  readonly #name: string;
  readonly #answersAt: (url: string, timeoutMs: number) => Promise<boolean>;
  readonly #instances: FollowedInstances;
  #known: FunctionPlace;
  /** An address that answered before the place says so. It holds until the place changes. */
  #found: { readonly place: FunctionPlace; readonly url: string } | undefined;
  #settlesUntil = 0;
  #newUntil = 0;

  constructor(
    { namespace, name, health }: Pick<FunctionDefinition, 'namespace' | 'name' | 'health'>,
    { world, whereabouts, probe, answers }: PlaceAddressesOptions,
  ) {
    this.#world = world;
    this.#whereabouts = whereabouts;
    this.#namespace = namespace;
    this.#name = name;
    this.#answersAt = (url, timeoutMs) => probe(url, timeoutMs, health?.readyPath);
    this.#known = whereabouts.of(namespace, name);
    this.#instances = new FollowedInstances({
      world,
      probe: this.#answersAt,
      follow: told => whereabouts.followInstances(namespace, name, told),
      answers,
      outliersChanged: () => this.#tellOutliers(),
    });
  }

  /** How many instances get no calls, as they only let them time out. */
  get outliers(): number {
    return this.#instances.outliers.count;
  }

  /** To be called with each place that is seen. */
  notice(place: FunctionPlace): void {
    if (place === this.#known) return;
    const now = this.#world.monotonic();
    if (urlOf(place) !== urlOf(this.#known)) {
      this.#instances.forget();
      this.#newUntil = now + NEW_FOR_MS;
    }
    this.#known = place;
    this.#settlesUntil = place.state === 'up' ? now + SETTLES_MS : 0;
  }

  /** For a call that is made or waits; undefined: there is none yet. */
  at(place: FunctionPlace): PlaceAddress | undefined {
    this.notice(place);
    const url = urlOf(place);
    if (url === undefined) return undefined;
    if (place.state === 'up') return this.#whileUp(url);
    const instance = this.#instances.next();
    if (instance !== undefined) {
      this.#instances.follow(this.#world.monotonic() + SETTLES_MS);
      return { url, instance };
    }
    return this.#found?.place === place ? { url: this.#found.url } : undefined;
  }

  /** Asks the address of a place that is not up yet whether it answers already. */
  async lookAt(place: FunctionPlace): Promise<void> {
    const url = urlOf(place);
    if (url === undefined || place.state === 'up') return;
    this.#instances.follow(this.#world.monotonic() + SETTLES_MS);
    if (await this.#answersAt(url, PROBE_WITHIN_MS)) this.#found = { place, url };
  }

  /** An ended call says something of its instance. A call whose caller left says nothing. */
  learnFrom(holder: LeaseHolder | undefined, instance: string | undefined): void {
    if (holder === undefined) return;
    const { outliers } = this.#instances;
    if (holder.begun) {
      if (instance !== undefined) outliers.answered(instance);
    } else if (holder.remainingMs <= 1) {
      if (instance === undefined) this.#suspect();
      else outliers.timedOut(instance);
    }
  }

  close(): void {
    this.#instances.forget();
  }

  #whileUp(url: string): PlaceAddress | undefined {
    if (this.#instances.outliers.count > 0) {
      this.#suspect();
      this.#tellOutliers();
    }
    if (this.#settlesUntil === 0) return { url };
    const now = this.#world.monotonic();
    if (now >= this.#settlesUntil) {
      this.#settlesUntil = 0;
      return { url };
    }
    const isFollowed = this.#instances.follow(this.#settlesUntil);
    const instance = this.#instances.next();
    const waits = isFollowed && instance === undefined && now < this.#newUntil;
    return waits ? undefined : { url, instance };
  }

  #suspect(): void {
    this.#settlesUntil = Math.max(this.#settlesUntil, this.#world.monotonic() + SUSPECTED_MS);
  }

  #tellOutliers(): void {
    this.#whereabouts.unresponsive?.(this.#namespace, this.#name, this.#instances.outliers.count);
  }
}

function urlOf(place: FunctionPlace): string | undefined {
  return 'url' in place ? place.url : undefined;
}
