// Remembers writes until a watch reports them, so that an early reconciliation does not repeat
// them.
import type { World } from '../../../core/world.ts';
import type { KubeObject } from '../../api/kube-object.ts';

export interface OwnWrites {
  /** As the API server answered. */
  wrote(object: KubeObject): void;
  /** A watch has reported the object. */
  heardOf(object: KubeObject, removed: boolean): void;
  /** The written version of an object that a watch reported, if it is newer. */
  newest(object: KubeObject): KubeObject;
  /** The written objects of a namespace that no watch has reported yet. */
  unheard(namespace: string): readonly KubeObject[];
}

/** A watch is not later than that; an object that it has not reported then may be gone. */
const HEARD_WITHIN_MS = 10_000;

export function createOwnWrites(world: World): OwnWrites {
  const written = new Map<string, { readonly object: KubeObject; readonly at: number }>();
  return {
    wrote: object => void written.set(idOf(object), { object, at: world.monotonic() }),
    heardOf(object, removed) {
      const id = idOf(object);
      const mine = written.get(id)?.object;
      if (mine && (removed || !isNewer(mine, object))) written.delete(id);
    },
    newest(object) {
      const mine = written.get(idOf(object))?.object;
      return mine && isNewer(mine, object) ? mine : object;
    },
    unheard(namespace) {
      const since = world.monotonic() - HEARD_WITHIN_MS;
      for (const [id, { at }] of written) if (at < since) written.delete(id);
      return [...written.values()]
        .map(({ object }) => object)
        .filter(({ metadata }) => metadata.namespace === namespace);
    },
  };
}

/** The id includes the group: two of them have a kind Service. */
export function idOf({ apiVersion, kind, metadata }: KubeObject): string {
  return `${apiVersion}/${kind}/${metadata.namespace ?? ''}/${metadata.name}`;
}

/**
 * Versions of one object can be compared as numbers; those of an object and of one
 * that took its place as well.
 */
function isNewer(one: KubeObject, other: KubeObject): boolean {
  const [a, b] = [one.metadata.resourceVersion ?? '', other.metadata.resourceVersion ?? ''];
  return /^\d+$/.test(a) && /^\d+$/.test(b) && BigInt(a) > BigInt(b);
}
