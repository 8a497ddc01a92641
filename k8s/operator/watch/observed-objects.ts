// The operator's knowledge of the objects of the ten kinds: their newest versions, the verdicts on
// them, and the Functions that they lead to. Each change queues the objects that it concerns.
import type { Kind } from '../../../resources/kinds/kind-names.ts';
import type { KubeObject } from '../../api/kube-object.ts';
import type { CatalogHandlers, Change, ClusterCatalog, SeenObject, Verdicts } from '../../catalog/cluster-catalog.ts';
import { createNeeds, type Needs } from '../needs.ts';
import type { ReconcileQueue } from '../reconcile-queue.ts';
import { isReady } from '../status/status.ts';
import type { OwnWrites } from './own-writes.ts';

export interface ObservedObjectsOptions {
  readonly queue: ReconcileQueue;
  readonly ownWrites: OwnWrites;
  /** An object is gone. */
  removed(key: string, uid: string): void;
}

const NONE: ReadonlyMap<string, SeenObject> = new Map();

export class ObservedObjects {
  readonly #options: ObservedObjectsOptions;
  #catalog: ClusterCatalog | undefined;
  #needs: Needs = createNeeds(new Map());
  #verdicts: Verdicts = { inForce: new Map(), problems: new Map() };
  /** Whether each object was ready when it was last seen. */
  readonly #ready = new Map<string, boolean>();
  /** Changed objects that wait for validation: the operator reports nothing about them before. */
  readonly #unjudged = new Set<string>();
  /** For the catalog, which calls them also before it is complete. */
  readonly handlers: CatalogHandlers = {
    seen: (key, object, change) => this.#seen(key, object, change),
    judged: verdicts => this.#judged(verdicts),
  };

  constructor(options: ObservedObjectsOptions) {
    this.#options = options;
  }

  /** The catalog has listed everything. */
  complete(catalog: ClusterCatalog): void {
    this.#catalog = catalog;
  }

  /** By key; nothing until everything was listed. */
  get all(): ReadonlyMap<string, SeenObject> {
    return this.#catalog?.objects ?? NONE;
  }

  get verdicts(): Verdicts {
    return this.#verdicts;
  }

  get needs(): Needs {
    return this.#needs;
  }

  /** Objects whose newest version is not valid. */
  get invalid(): number {
    const isInvalid = (key: string) => this.#verdicts.problems.get(key)?.some(({ severity }) => severity === 'error');
    return [...this.#verdicts.problems.keys()].filter(isInvalid).length;
  }

  /** The newest version, be it one that the operator wrote and no watch has reported yet. */
  find(key: string): SeenObject | undefined {
    const found = this.all.get(key);
    return found && { ...found, object: this.#options.ownWrites.newest(found.object) };
  }

  isJudged(key: string): boolean {
    return !this.#unjudged.has(key);
  }

  keysOf(passes: (kind: Kind) => boolean): string[] {
    return [...this.all].filter(([, { kind }]) => passes(kind)).map(([key]) => key);
  }

  #seen(key: string, object: KubeObject, change: Change): void {
    const { queue, ownWrites, removed } = this.#options;
    ownWrites.heardOf(object, change === 'removed');
    if (change === 'removed') removed(key, object.metadata.uid ?? '');
    if (change === 'said') this.#unjudged.add(key);
    else queue.add(key);
    const now = change !== 'removed' && isReady(object);
    if (this.#ready.get(key) === now) return;
    if (change === 'removed') this.#ready.delete(key);
    else this.#ready.set(key, now);
    queue.addAll(this.#needs.dependentsOf(key));
  }

  /** The verdict on one object may also change when others change. */
  #judged(next: Verdicts): void {
    const changed = new Set([...this.#unjudged, ...differing(this.#verdicts, next)]);
    this.#verdicts = next;
    this.#needs = createNeeds(next.inForce);
    this.#unjudged.clear();
    this.#options.queue.addAll(changed);
  }
}

/** Keys whose problems, or whose versions in force, differ. */
function differing(before: Verdicts, next: Verdicts): string[] {
  const keys = [before, next].flatMap(({ inForce, problems }) => [...inForce.keys(), ...problems.keys()]);
  return [...new Set(keys)].filter(
    key => before.inForce.get(key) !== next.inForce.get(key) || before.problems.get(key) !== next.problems.get(key),
  );
}
