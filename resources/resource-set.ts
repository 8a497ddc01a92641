// All resources of one moment, found by kind and by name. Never changes.
import type { Kind } from './kinds/kind-names.ts';
import { type AnyResource, type Resource, resourceKey } from './resource.ts';

export interface ResourceSet {
  readonly all: readonly AnyResource[];
  ofKind<K extends Kind>(kind: K): readonly Resource<K>[];
  get<K extends Kind>(kind: K, namespace: string, name: string): Resource<K> | undefined;
}

/** The later one of two resources with the same kind, namespace and name is found. */
export function createResourceSet(resources: readonly AnyResource[]): ResourceSet {
  const all = Object.freeze([...resources]);
  const byKind = Map.groupBy(all, resource => resource.kind);
  const byKey = new Map(all.map(resource => [keyOf(resource), resource]));
  const isOf =
    <K extends Kind>(kind: K) =>
    (resource: AnyResource): resource is AnyResource & Resource<K> =>
      resource.kind === kind;
  return {
    all,
    ofKind: kind => (byKind.get(kind) ?? []).filter(isOf(kind)),
    get(kind, namespace, name) {
      const found = byKey.get(resourceKey(kind, namespace, name));
      return found && isOf(kind)(found) ? found : undefined;
    },
  };
}

function keyOf({ kind, metadata }: AnyResource): string {
  return resourceKey(kind, metadata.namespace, metadata.name);
}
