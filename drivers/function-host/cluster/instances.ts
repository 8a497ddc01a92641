// The instances of one Function while they change, called directly: what leads to them from its address follows a second or more later.
import { sleep, type World } from '../../../core/world.ts';
import { createOutliers, type Outliers } from './outliers.ts';
import type { Following, Instance } from './whereabouts.ts';

export interface Instances {
  /** Follows them from now until `untilMs` of the monotonic clock at least. False where nobody can say which there are. */
  follow(untilMs: number): boolean;
  /** Origin of one that is ready, each in its turn; where none is, of one that was found to listen. Undefined when there is none of these either. */
  next(): string | undefined;
  /** Records how calls of an instance ended. */
  readonly outliers: Pick<Outliers, 'answered' | 'timedOut' | 'count'>;
  /** Forgets the known instances: they belong to another address than the one that is called now. */
  forget(): void;
}

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

export function createInstances({ world, probe, follow, answers, outliersChanged }: InstancesOptions): Instances {
  const outliers = createOutliers(world, outliersChanged);
  let following: Following | undefined;
  /** While that is asked for, too. */
  let isFollowed = false;
  let notBefore = 0;
  let until = 0;
  let listed: readonly Instance[] = [];
  /** While none is ready: who listens all the same. */
  const found = new Set<string>();
  const probed = new Map<string, AbortController>();
  let usable: readonly string[] = [];
  let turn = 0;

  function told(instances: readonly Instance[]): void {
    listed = instances;
    // While nobody says which there are, nothing is known to have gone.
    if (instances.length > 0) outliers.keep(instances.map(({ origin }) => origin));
    const isReady = instances.some(({ ready }) => ready);
    const unsure = new Set(isReady ? [] : instances.map(({ origin }) => origin));
    for (const origin of found) if (!unsure.has(origin)) found.delete(origin);
    for (const [origin, stop] of probed) {
      if (unsure.has(origin)) continue;
      probed.delete(origin);
      stop.abort();
    }
    for (const origin of unsure)
      if (!found.has(origin) && !probed.has(origin) && probed.size < MAX_PROBED) void find(origin);
    settle();
  }

  /** Asks until it answers or is of no interest any more. */
  async function find(origin: string): Promise<void> {
    const stop = new AbortController();
    probed.set(origin, stop);
    let listens = false;
    while (!listens) {
      listens = await probe(origin, PROBE_WITHIN_MS);
      if (!listens) await sleep(world, PROBE_EVERY_MS, stop.signal).catch(() => {});
      if (stop.signal.aborted) return;
    }
    probed.delete(origin);
    found.add(origin);
    settle();
  }

  function settle(): void {
    // Nothing was found where one is ready.
    usable = listed.filter(({ origin, ready }) => ready || found.has(origin)).map(({ origin }) => origin);
    if (usable.length > 0) answers();
  }

  function end(): void {
    following?.close();
    following = undefined;
    isFollowed = false;
    told([]);
  }

  function endLater(): void {
    world.after(Math.max(0, until - world.monotonic()), () => {
      if (!isFollowed) return;
      if (world.monotonic() < until) endLater();
      else end();
    });
  }

  return {
    follow(untilMs) {
      until = Math.max(until, untilMs);
      const now = world.monotonic();
      if (!isFollowed && now >= notBefore && now < until) {
        isFollowed = true;
        following = follow(told);
        isFollowed = following !== undefined;
        if (isFollowed) endLater();
        else notBefore = now + AGAIN_MS;
      }
      return isFollowed;
    },
    next() {
      const well = outliers.among(usable);
      if (well.length === 0) return undefined;
      turn = (turn + 1) % well.length;
      return well[turn];
    },
    outliers,
    forget() {
      outliers.keep([]);
      until = 0;
      notBefore = 0;
      end();
    },
  };
}
