// The objects that belong to Functions, followed and found by their owner.
import type { World } from '../../core/world.ts';
import { resourceKey } from '../../resources/resource.ts';
import { startInformer } from '../api/informer.ts';
import type { KubeClient } from '../api/kube-client.ts';
import type { ApiResource, KubeObject } from '../api/kube-object.ts';
import type { Outages } from '../api/outages.ts';
import { MANAGER } from '../providers/deployment/names.ts';
import { idOf, type OwnWrites } from './own-writes.ts';

export interface OwnedObjects {
  /** Resolves once all were listed. */
  readonly synced: Promise<unknown>;
  /** The newest that is known of each, what was written just now among it. */
  of(namespace: string, ownerUid: string): readonly KubeObject[];
  close(): Promise<void>;
}

export interface OwnedObjectsOptions {
  readonly client: KubeClient;
  readonly world: World;
  readonly outages: Outages;
  readonly resources: readonly ApiResource[];
  readonly namespaces?: readonly string[] | undefined;
  readonly ownWrites: OwnWrites;
  /** Something of the Function with this key came, went or changed. */
  changed(functionKey: string): void;
}

export function followOwnedObjects(options: OwnedObjectsOptions): OwnedObjects {
  const { client, world, outages, resources, namespaces = [undefined], ownWrites, changed } = options;
  const byOwner = new Map<string, Map<string, KubeObject>>();

  const file = (object: KubeObject) => {
    for (const { uid } of object.metadata.ownerReferences ?? []) {
      const objects = byOwner.get(uid) ?? new Map<string, KubeObject>();
      byOwner.set(uid, objects.set(idOf(object), object));
    }
  };
  const unfile = (object: KubeObject) => {
    for (const { uid } of object.metadata.ownerReferences ?? []) {
      const objects = byOwner.get(uid);
      objects?.delete(idOf(object));
      if (objects?.size === 0) byOwner.delete(uid);
    }
  };
  const tell = ({ metadata }: KubeObject) => {
    const owner = metadata.ownerReferences?.find(({ kind }) => kind === 'Function');
    if (owner) changed(resourceKey('Function', metadata.namespace ?? 'default', owner.name));
  };
  const labelSelector = `app.kubernetes.io/managed-by=${MANAGER}`;
  const events = {
    upsert(object: KubeObject, before: KubeObject | undefined) {
      ownWrites.heardOf(object, false);
      // Its owner may have been another one.
      if (before) unfile(before);
      file(object);
      tell(object);
    },
    remove(object: KubeObject) {
      ownWrites.heardOf(object, true);
      unfile(object);
      tell(object);
    },
  };
  const informers = resources.flatMap(resource =>
    namespaces.map(namespace => startInformer({ client, world, outages, resource, namespace, labelSelector, events })),
  );
  return {
    synced: Promise.all(informers.map(({ synced }) => synced)),
    of(namespace, ownerUid) {
      const isOwned = ({ metadata }: KubeObject) => metadata.ownerReferences?.some(({ uid }) => uid === ownerUid);
      const written = ownWrites.unheard(namespace).filter(isOwned);
      const followed = [...(byOwner.get(ownerUid)?.values() ?? [])].map(ownWrites.newest);
      return [...new Map([...written, ...followed].map(object => [idOf(object), object])).values()];
    },
    async close() {
      await Promise.all(informers.map(informer => informer.close()));
    },
  };
}
