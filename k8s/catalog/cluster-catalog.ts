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
  /** As for files, but an error takes out only the objects that it is about, and those that need them. */
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

/** One change is what happened within this time of each other; in a large cluster, where a look takes long, more is. */
const QUIET_MS = 30;
const QUIET_LOOKS = 2;
/** A cluster that never becomes quiet is looked at this often all the same, with most of the time left for other work. */
const PATIENCE_MS = 250;
const PATIENCE_LOOKS = 10;
const LONGEST_PATIENCE_MS = 5000;

/** Resolves once every kind was listed and the first snapshot is in force. An unreachable server is waited for, until `signal` aborts. */
export async function createClusterCatalog(options: ClusterCatalogOptions): Promise<ClusterCatalog> {
  const { client, world, outages, namespaces = [undefined], accept, events } = options;
  const objects = new Map<string, SeenObject>();
  const declared = new Map<string, Declared>();
  let verdicts: Verdicts = { inForce: new Map(), problems: new Map() };
  let current: Snapshot | undefined;
  let problems: readonly ResourceProblem[] = [];
  let closed = false;
  let begun = false;
  let pending: { cancel(): void } | undefined;
  let since = 0;
  /** How long the last look took. */
  let lookMs = 0;

  const upsert = (kind: Kind, object: KubeObject) => {
    const key = keyOfObject(kind, object);
    const before = objects.get(key)?.object;
    objects.set(key, { kind, object });
    const same = before !== undefined && saysTheSame(before, object);
    if (!same) {
      declared.set(key, toDeclared(kind, key, object));
      notice();
    } else if (JSON.stringify(read(before, 'status', 'claims')) !== JSON.stringify(read(object, 'status', 'claims'))) {
      // Since when it has its hosts and paths decides whose they are.
      const known = declared.get(key);
      if (known) declared.set(key, { ...known, claimStatus: claimStatusIn(object) });
      notice();
    }
    events.seen?.(key, object, same ? 'status' : 'said');
  };
  const remove = (kind: Kind, object: KubeObject) => {
    const key = keyOfObject(kind, object);
    objects.delete(key);
    declared.delete(key);
    notice();
    events.seen?.(key, object, 'removed');
  };

  function notice(): void {
    if (!begun || closed) return;
    const now = world.monotonic();
    if (!pending) since = now;
    pending?.cancel();
    const quiet = Math.max(QUIET_MS, QUIET_LOOKS * lookMs);
    const patience = Math.max(PATIENCE_MS, Math.min(PATIENCE_LOOKS * lookMs, LONGEST_PATIENCE_MS));
    pending = world.after(Math.max(0, Math.min(quiet, since + patience - now)), () => {
      pending = undefined;
      const began = world.monotonic();
      look();
      lookMs = world.monotonic() - began;
    });
  }

  function look(): void {
    let commit: (() => void) | undefined;
    let compiled: ResourceSet | undefined;
    const settled = settle(
      [...declared.values()],
      verdicts.inForce,
      resources => {
        const candidate = accept(resources);
        commit = candidate.commit;
        compiled = resources;
        return candidate.problems;
      },
      options.assignments,
      options.listeners,
    );
    verdicts = { inForce: settled.resources, problems: settled.problems };
    const all = sortProblems([...settled.problems.values()].flat());
    const said = JSON.stringify(all) !== JSON.stringify(problems);
    problems = all;
    // The last set that was compiled is the one without errors.
    const resources = compiled ?? createResourceSet([...settled.resources.values()]);
    if (!current || !sameResources(current.resources, resources) || said) {
      commit?.();
      const warnings = all.filter(({ severity }) => severity === 'warning');
      current = { generation: (current?.generation ?? 0) + 1, resources, warnings };
      events.accepted(current);
    }
    events.judged?.(verdicts);
    if (said && all.some(({ severity }) => severity === 'error')) events.refused(all);
  }

  const informers: Informer[] = kindNames.flatMap(kind =>
    namespaces.map(namespace =>
      startInformer({
        client,
        world,
        outages,
        namespace,
        resource: apiResourceOf(kind),
        events: { upsert: object => upsert(kind, object), remove: object => remove(kind, object) },
      }),
    ),
  );
  const close = async () => {
    closed = true;
    pending?.cancel();
    await Promise.all(informers.map(informer => informer.close()));
  };
  const give = () => void close();
  options.signal?.addEventListener('abort', give, { once: true });
  await Promise.all(informers.map(({ synced }) => synced));
  options.signal?.removeEventListener('abort', give);
  options.signal?.throwIfAborted();
  begun = true;
  look();
  return {
    objects,
    get verdicts() {
      return verdicts;
    },
    get current() {
      return current;
    },
    get problems() {
      return problems;
    },
    close,
  };
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

function sameResources(one: ResourceSet, other: ResourceSet): boolean {
  return one.all.length === other.all.length && one.all.every((resource, index) => resource === other.all[index]);
}
