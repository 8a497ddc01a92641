// The objects that belong to Functions, followed and found by their owner.
import type { World } from '../../../core/world.ts';
import { resourceKey } from '../../../resources/resource.ts';
import { startInformer } from '../../api/informer.ts';
import type { KubeClient } from '../../api/kube-client.ts';
import { type ApiResource, apiVersionOf, type KubeObject } from '../../api/kube-object.ts';
import type { Outages } from '../../api/outages.ts';
import { FOR_NAME, FOR_UID, MANAGER } from '../../providers/labels.ts';
import { idOf, type OwnWrites } from './own-writes.ts';

export interface OwnedObjects {
  /** Follows further kinds. A kind that is followed already is not followed twice. */
  follow(resources: readonly ApiResource[]): Following;
  /** The newest known objects of the owner, including those written just now. */
  of(namespace: string, ownerUid: string): readonly KubeObject[];
  /** The resource of an object of a kind that is followed. */
  resourceOf(object: KubeObject): ApiResource;
  close(): Promise<void>;
}

export interface Following {
  /** Resolves once all were listed, or when it is closed. */
  readonly synced: Promise<unknown>;
  /** Forgets the kinds that were followed. */
  close(): Promise<void>;
}

export interface OwnedObjectsOptions {
  readonly client: KubeClient;
  readonly world: World;
  readonly outages: Outages;
  readonly namespaces?: readonly string[] | undefined;
  readonly ownWrites: OwnWrites;
  /** Something of the Function with this key came, went or changed. */
  changed(functionKey: string): void;
}

export function createOwnedObjects(options: OwnedObjectsOptions): OwnedObjects {
  const { client, world, outages, namespaces = [undefined], ownWrites, changed } = options;
  const byOwner = new Map<string, Map<string, KubeObject>>();
  const followed = new Map<string, ApiResource>();
  const followings = new Set<Following>();

  const file = (object: KubeObject) => {
    for (const uid of ownersOf(object)) {
      const objects = byOwner.get(uid) ?? new Map<string, KubeObject>();
      byOwner.set(uid, objects.set(idOf(object), object));
    }
  };
  const unfile = (object: KubeObject) => {
    for (const uid of ownersOf(object)) {
      const objects = byOwner.get(uid);
      objects?.delete(idOf(object));
      if (objects?.size === 0) byOwner.delete(uid);
    }
  };
  const tell = ({ metadata }: KubeObject) => {
    const owner =
      metadata.ownerReferences?.find(({ kind }) => kind === 'Function')?.name ?? metadata.labels?.[FOR_NAME];
    if (owner !== undefined) changed(resourceKey('Function', metadata.namespace ?? 'default', owner));
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
  return {
    follow(resources) {
      const added = resources.filter(one => !followed.has(kindOf(one)));
      for (const one of added) followed.set(kindOf(one), one);
      const informers = added.flatMap(resource =>
        namespaces.map(namespace =>
          startInformer({ client, world, outages, resource, namespace, labelSelector, events }),
        ),
      );
      const following: Following = {
        synced: Promise.all(informers.map(({ synced }) => synced)),
        async close() {
          followings.delete(following);
          await Promise.all(informers.map(informer => informer.close()));
          for (const one of added) followed.delete(kindOf(one));
          for (const object of informers.flatMap(({ objects }) => [...objects.values()])) unfile(object);
        },
      };
      followings.add(following);
      return following;
    },
    of(namespace, ownerUid) {
      const written = ownWrites.unheard(namespace).filter(object => ownersOf(object).includes(ownerUid));
      const heard = [...(byOwner.get(ownerUid)?.values() ?? [])].map(ownWrites.newest);
      return [...new Map([...written, ...heard].map(object => [idOf(object), object])).values()];
    },
    resourceOf({ apiVersion, kind }) {
      const found = followed.get(`${apiVersion}/${kind}`);
      if (!found) throw new Error(`No ${kind} of ${apiVersion} is followed.`);
      return found;
    },
    async close() {
      await Promise.all([...followings].map(following => following.close()));
    },
  };
}

function kindOf(resource: ApiResource): string {
  return `${apiVersionOf(resource)}/${resource.kind}`;
}

function ownersOf({ metadata }: KubeObject): string[] {
  const uid = metadata.labels?.[FOR_UID];
  return [...(metadata.ownerReferences ?? []).map(owner => owner.uid), ...(uid === undefined ? [] : [uid])];
}
