// The plan that the newest valid resources compiled to, in all planes, as every part of the process
// reads it. The acceptor puts a new one in force as a whole.
import { TenfoldError } from '../core/errors.ts';
import { toTimestamp, type World } from '../core/world.ts';
import type { CompiledPlan } from '../gateway/compile/compile.ts';
import type { Target } from '../gateway/exchange/target.ts';
import { createInstruments, type Instruments, type PurgeSelector } from '../gateway/plan/instruments.ts';
import type { Plan } from '../gateway/plan/plan.ts';
import type { TargetSpec } from '../gateway/plan/plan-context.ts';
import { PUBLIC } from '../resources/ownership/listeners.ts';
import { resourceKey } from '../resources/resource.ts';
import type { ResourceSet } from '../resources/resource-set.ts';

type Compiled = Omit<CompiledPlan, 'plan' | 'problems'>;

export class PlanInForce {
  readonly #world: Pick<World, 'now'>;
  #compiled: Compiled = {
    plans: new Map(),
    routes: [],
    instruments: createInstruments(),
    facades: [],
    functionTarget: () => undefined,
    deliveryTarget: () => undefined,
    eventTarget: () => undefined,
  };
  #resources: ResourceSet | undefined;
  /** RFC 3339: when this process has first had each in force. */
  #since: ReadonlyMap<string, string> = new Map();

  constructor(world: Pick<World, 'now'>) {
    this.#world = world;
  }

  replace(compiled: Compiled, resources: ResourceSet): void {
    this.#compiled = compiled;
    this.#resources = resources;
    const [before, now] = [this.#since, toTimestamp(this.#world.now())];
    this.#since = new Map(
      resources.all.map(({ kind, metadata }) => {
        const key = resourceKey(kind, metadata.namespace, metadata.name);
        return [key, before.get(key) ?? now];
      }),
    );
  }

  /** RFC 3339: a resource of this name is in force here since then. */
  since(kind: string, namespace: string, name: string): string | undefined {
    return this.#since.get(resourceKey(kind, namespace, name));
  }

  /** The same object while `since` tells the same of all. */
  get standing(): object {
    return this.#since;
  }

  /** Undefined as long as no resources were ever valid. */
  get resources(): ResourceSet | undefined {
    return this.#resources;
  }

  get routes(): Compiled['routes'] {
    return this.#compiled.routes;
  }

  get instruments(): Instruments {
    return this.#compiled.instruments;
  }

  get facades(): Compiled['facades'] {
    return this.#compiled.facades;
  }

  /**
   * The plan of a listener; without a name, of the public one. Throws `not-ready`
   * as long as there is none.
   */
  need(listener = PUBLIC): Plan {
    const found = this.#compiled.plans.get(listener);
    if (found) return found;
    throw new TenfoldError('not-ready', 'No valid resources have been loaded yet.', { retryAfterSeconds: 1 });
  }

  functionTarget(namespace: string, name: string): Target | undefined {
    return this.#compiled.functionTarget(namespace, name);
  }

  deliveryTarget(namespace: string, spec: TargetSpec): Target | undefined {
    return this.#compiled.deliveryTarget(namespace, spec);
  }

  eventTarget(...place: Parameters<Compiled['eventTarget']>): ReturnType<Compiled['eventTarget']> {
    return this.#compiled.eventTarget(...place);
  }

  /** Purges answers that are kept; says how many. */
  forget(query: PurgeSelector): number {
    return this.#compiled.instruments.cacheStore?.purge(query) ?? 0;
  }
}
