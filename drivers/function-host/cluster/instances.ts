// The instances of one Function while they change, called directly: what leads to them from its
// address follows a second or more later.
import { sleep, type World } from '../../../core/world.ts';
import { createOutliers, type Outliers } from './outliers.ts';
import type { Following, Instance } from './whereabouts.ts';

export interface InstancesOptions {
  readonly world: World;
  probe(url: string, timeoutMs: number): Promise<boolean>;
  follow(told: (instances: readonly Instance[]) => void): Following | undefined;
  /** One more of them answers. */
  answers(): void;
  /** More or fewer of them get no calls, as they only let them time out. */
  outliersChanged(): void;
}

const PROBE_EVERY_MS = 25;
const PROBE_WITHIN_MS = 500;
/** A waiting caller needs one instance that answers, not all. */
const MAX_PROBED = 4;
/** The pause when the instances could not be followed. */
const AGAIN_MS = 1_000;

export class FollowedInstances {
  /** Records how calls of an instance ended. */
  readonly outliers: Pick<Outliers, 'answered' | 'timedOut' | 'count'>;
  readonly #options: InstancesOptions;
  readonly #outliers: Outliers;
  #following: Following | undefined;
  /** While that is asked for, too. */
  #isFollowed = false;
  #notBefore = 0;
  #until = 0;
  #listed: readonly Instance[] = [];
  /** While none is ready: who listens all the same. */
  readonly #found = new Set<string>();
  readonly #probed = new Map<string, AbortController>();
  #usable: readonly string[] = [];
  #turn = 0;

  constructor(options: InstancesOptions) {
    this.#options = options;
    this.#outliers = createOutliers(options.world, options.outliersChanged);
    this.outliers = this.#outliers;
  }

  /**
   * Follows them from now until `untilMs` of the monotonic clock at least. False where
   * nobody can say which there are.
   */
  follow(untilMs: number): boolean {
    this.#until = Math.max(this.#until, untilMs);
    const now = this.#options.world.monotonic();
    if (this.#isFollowed || now < this.#notBefore || now >= this.#until) return this.#isFollowed;
    this.#isFollowed = true;
    this.#following = this.#options.follow(instances => this.#told(instances));
    this.#isFollowed = this.#following !== undefined;
    if (this.#isFollowed) this.#endLater();
    else this.#notBefore = now + AGAIN_MS;
    return this.#isFollowed;
  }

  /**
   * Origin of one that is ready, each in its turn; where none is, of one that was found to listen.
   * Undefined when there is none of these either.
   */
  next(): string | undefined {
    const well = this.#outliers.among(this.#usable);
    if (well.length === 0) return undefined;
    this.#turn = (this.#turn + 1) % well.length;
    return well[this.#turn];
  }

  /**
   * Forgets the known instances: they belong to another address than the one that is called now.
   */
  forget(): void {
    this.#outliers.keep([]);
    this.#until = 0;
    this.#notBefore = 0;
    this.#end();
  }

  #told(instances: readonly Instance[]): void {
    this.#listed = instances;
    // While nobody says which there are, nothing is known to have gone.
    if (instances.length > 0) this.#outliers.keep(instances.map(({ origin }) => origin));
    const isReady = instances.some(({ ready }) => ready);
    this.#probeOnly(new Set(isReady ? [] : instances.map(({ origin }) => origin)));
    this.#settle();
  }

  #probeOnly(unsure: ReadonlySet<string>): void {
    for (const origin of this.#found) if (!unsure.has(origin)) this.#found.delete(origin);
    for (const [origin, stop] of this.#probed) {
      if (unsure.has(origin)) continue;
      this.#probed.delete(origin);
      stop.abort();
    }
    for (const origin of unsure) {
      const isKnown = this.#found.has(origin) || this.#probed.has(origin);
      if (!isKnown && this.#probed.size < MAX_PROBED) void this.#find(origin);
    }
  }

  /** Asks until it answers or is of no interest any more. */
  async #find(origin: string): Promise<void> {
    const { world, probe } = this.#options;
    const stop = new AbortController();
    this.#probed.set(origin, stop);
    let listens = false;
    while (!listens) {
      listens = await probe(origin, PROBE_WITHIN_MS);
      if (!listens) await sleep(world, PROBE_EVERY_MS, stop.signal).catch(() => {});
      if (stop.signal.aborted) return;
    }
    this.#probed.delete(origin);
    this.#found.add(origin);
    this.#settle();
  }

  #settle(): void {
    // Nothing was found where one is ready.
    this.#usable = this.#listed
      .filter(({ origin, ready }) => ready || this.#found.has(origin))
      .map(({ origin }) => origin);
    if (this.#usable.length > 0) this.#options.answers();
  }

  #end(): void {
    this.#following?.close();
    this.#following = undefined;
    this.#isFollowed = false;
    this.#told([]);
  }

  #endLater(): void {
    const { world } = this.#options;
    world.after(Math.max(0, this.#until - world.monotonic()), () => {
      if (!this.#isFollowed) return;
      if (world.monotonic() < this.#until) this.#endLater();
      else this.#end();
    });
  }
}
