// The catalog of a cluster: follows the objects of all ten kinds, validates them together, and
// offers the valid ones.
import type { World } from '../../core/world.ts';
import { parseTimestamp } from '../../core/world.ts';
import type { Acceptor, Catalog, CatalogEvents, Snapshot } from '../../resources/catalog/catalog.ts';
import { type Kind, kindNames } from '../../resources/kinds/kind-names.ts';
import { sortProblems } from '../../resources/load/sort-problems.ts';
import type { Assignment } from '../../resources/ownership/assignments.ts';
import type { Listeners } from '../../resources/ownership/listeners.ts';
import { type AnyResource, type ResourceProblem, resourceKey } from '../../resources/resource.ts';
import { createResourceSet, type ResourceSet } from '../../resources/resource-set.ts';
import { type Informer, startInformer } from '../api/informer.ts';
import type { KubeClient } from '../api/kube-client.ts';
import { type KubeObject, read } from '../api/kube-object.ts';
import type { Outages } from '../api/outages.ts';
import { apiResourceOf } from '../api/tenfold-kinds.ts';
import { lastValidOf } from './last-valid.ts';
import { QuietTimer } from './quiet-timer.ts';
import { type Declared, settle } from './settle.ts';
import { claimStatusIn } from './stored-claims.ts';
import { toResource } from './to-resource.ts';

export interface ClusterCatalogOptions {
  readonly client: KubeClient;
  readonly world: World;
  readonly outages: Outages;
  /** All when it is left out; others are as good as not there. */
  readonly namespaces?: readonly string[] | undefined;
  /** Hosts and paths that the installation gives to namespaces. */
  readonly assignments?: readonly Assignment[] | undefined;
  /** Which namespaces' routes meet; without it those of all. */
  readonly listeners?: Listeners | undefined;
  /**
   * As for files, but an error takes out only the objects that it is about,
   * and those that need them.
   */
  readonly accept: Acceptor;
  readonly events: CatalogEvents & Partial<CatalogHandlers>;
  /** Ends the wait for a server that does not answer. */
  readonly signal?: AbortSignal | undefined;
}

export interface CatalogHandlers {
  /** Something of the object changed, be it its status alone. */
  seen(key: string, object: KubeObject, change: Change): void;
  /** Problems of objects, or the versions in force, may have changed. */
  judged(verdicts: Verdicts): void;
}

export interface ClusterCatalog extends Catalog {
  /** The objects in the cluster, by key. */
  readonly objects: ReadonlyMap<string, SeenObject>;
  /** Keys of the versions in force, and the problems of the newest version of each object. */
  readonly verdicts: Verdicts;
}

/** `said`: its declared content changed too, and is validated soon. */
export type Change = 'said' | 'status' | 'removed';

export interface SeenObject {
  readonly kind: Kind;
  readonly object: KubeObject;
}

export interface Verdicts {
  readonly inForce: ReadonlyMap<string, AnyResource>;
  readonly problems: ReadonlyMap<string, readonly ResourceProblem[]>;
}

/**
 * Resolves once every kind was listed and the first snapshot is in force. An unreachable server is
 * waited for, until `signal` aborts.
 */
export async function createClusterCatalog(options: ClusterCatalogOptions): Promise<ClusterCatalog> {
  const catalog = new FollowingCatalog(options);
  await catalog.start(options.signal);
  return catalog;
}

class FollowingCatalog implements ClusterCatalog {
  readonly #options: ClusterCatalogOptions;
  readonly #objects = new Map<string, SeenObject>();
  readonly #declared = new Map<string, Declared>();
  #verdicts: Verdicts = { inForce: new Map(), problems: new Map() };
  #current: Snapshot | undefined;
  #problems: readonly ResourceProblem[] = [];
  /** Validates after changes; undefined before everything was listed, and when it is closed. */
  #timer: QuietTimer | undefined;
  #informers: readonly Informer[] = [];

  constructor(options: ClusterCatalogOptions) {
    this.#options = options;
  }

  get objects(): ReadonlyMap<string, SeenObject> {
    return this.#objects;
  }

  get verdicts(): Verdicts {
    return this.#verdicts;
  }

  get current(): Snapshot | undefined {
    return this.#current;
  }

  get problems(): readonly ResourceProblem[] {
    return this.#problems;
  }

  async start(signal: AbortSignal | undefined): Promise<void> {
    const { client, world, outages, namespaces = [undefined] } = this.#options;
    this.#informers = kindNames.flatMap(kind => {
      const resource = apiResourceOf(kind);
      const events = {
        upsert: (object: KubeObject) => this.#upsert(kind, object),
        remove: (object: KubeObject) => this.#remove(kind, object),
      };
      return namespaces.map(namespace => startInformer({ client, world, outages, namespace, resource, events }));
    });
    const give = () => void this.close();
    signal?.addEventListener('abort', give, { once: true });
    await Promise.all(this.#informers.map(({ synced }) => synced));
    signal?.removeEventListener('abort', give);
    signal?.throwIfAborted();
    this.#timer = new QuietTimer(world, () => this.#judge());
    this.#judge();
  }

  async close(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    await Promise.all(this.#informers.map(informer => informer.close()));
  }

  #upsert(kind: Kind, object: KubeObject): void {
    const key = keyOfObject(kind, object);
    const before = this.#objects.get(key)?.object;
    this.#objects.set(key, { kind, object });
    const same = before !== undefined && saysTheSame(before, object);
    if (!same) {
      this.#declared.set(key, toDeclared(kind, key, object));
      this.#timer?.changed();
    } else if (!hasSameClaims(before, object)) {
      // Since when it has its hosts and paths decides whose they are.
      const known = this.#declared.get(key);
      if (known) this.#declared.set(key, { ...known, claimStatus: claimStatusIn(object) });
      this.#timer?.changed();
    }
    this.#options.events.seen?.(key, object, same ? 'status' : 'said');
  }

  #remove(kind: Kind, object: KubeObject): void {
    const key = keyOfObject(kind, object);
    this.#objects.delete(key);
    this.#declared.delete(key);
    this.#timer?.changed();
    this.#options.events.seen?.(key, object, 'removed');
  }

  /** Validates all objects together, and puts those that are valid in force. */
  #judge(): void {
    const { accept, assignments, listeners, events } = this.#options;
    let commit: (() => void) | undefined;
    let compiled: ResourceSet | undefined;
    const compile = (resources: ResourceSet) => {
      const candidate = accept(resources);
      commit = candidate.commit;
      compiled = resources;
      return candidate.problems;
    };
    const declared = [...this.#declared.values()];
    const settled = settle(declared, this.#verdicts.inForce, compile, assignments, listeners);
    this.#verdicts = { inForce: settled.resources, problems: settled.problems };
    const all = sortProblems([...settled.problems.values()].flat());
    const isNew = JSON.stringify(all) !== JSON.stringify(this.#problems);
    this.#problems = all;
    // The last set that was compiled is the one without errors.
    const resources = compiled ?? createResourceSet([...settled.resources.values()]);
    const before = this.#current;
    if (!before || !sameResources(before.resources, resources) || isNew) {
      commit?.();
      const warnings = all.filter(({ severity }) => severity === 'warning');
      const current = { generation: (before?.generation ?? 0) + 1, resources, warnings };
      this.#current = current;
      events.accepted(current);
    }
    events.judged?.(this.#verdicts);
    if (isNew && all.some(({ severity }) => severity === 'error')) events.refused(all);
  }
}

function keyOfObject(kind: Kind, { metadata }: KubeObject): string {
  return resourceKey(kind, metadata.namespace ?? 'default', metadata.name);
}

function toDeclared(kind: Kind, key: string, object: KubeObject): Declared {
  const createdAt = parseTimestamp(object.metadata.creationTimestamp ?? '') ?? 0;
  const parsed = toResource(kind, object);
  const kept = { lastValid: lastValidOf(kind, object), claimStatus: claimStatusIn(object) };
  return 'resource' in parsed
    ? { key, createdAt, ...kept, resource: parsed.resource, problems: [] }
    : { key, createdAt, ...kept, resource: undefined, problems: parsed.problems };
}

/** Writing a status changes the version of an object, not its declared content. */
function saysTheSame(one: KubeObject, other: KubeObject): boolean {
  const [a, b] = [one.metadata, other.metadata];
  return (
    a.uid === b.uid &&
    a.generation === b.generation &&
    JSON.stringify([a.labels, a.annotations]) === JSON.stringify([b.labels, b.annotations])
  );
}

function hasSameClaims(one: KubeObject, other: KubeObject): boolean {
  return JSON.stringify(read(one, 'status', 'claims')) === JSON.stringify(read(other, 'status', 'claims'));
}

function sameResources(one: ResourceSet, other: ResourceSet): boolean {
  return one.all.length === other.all.length && one.all.every((resource, index) => resource === other.all[index]);
}
