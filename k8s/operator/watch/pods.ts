// The pods of Functions that are not ready, for what they say of why. Only their state is kept, and
// of pods that are ready no more than their names.
import { isDeepStrictEqual } from 'node:util';
import { every } from '../../../core/retry/every.ts';
import type { World } from '../../../core/world.ts';
import { resourceKey } from '../../../resources/resource.ts';
import { type Informer, keyOf, startInformer } from '../../api/informer.ts';
import type { KubeClient } from '../../api/kube-client.ts';
import { KubeError } from '../../api/kube-error.ts';
import { type ApiResource, collectionPath, type KubeObject } from '../../api/kube-object.ts';
import type { Log, Outages } from '../../api/outages.ts';
import { MANAGER } from '../../providers/labels.ts';
import { functionNameOf, type PodState, toPodState } from '../../providers/pods/pod-state.ts';
import type { FunctionName, PodsElsewhere } from '../../providers/provider.ts';

const PODS: ApiResource = { group: '', version: 'v1', plural: 'pods', kind: 'Pod' };
/** Pods of Functions in their own namespaces, whichever provider made them. */
const SELECTOR = `app.kubernetes.io/managed-by=${MANAGER},app.kubernetes.io/component=function`;
const RETRY_MS = 2000;
/** The right may be given later. */
const FORBIDDEN_MS = 60_000;
const NONE: readonly PodState[] = [];

export interface FunctionPods {
  /** Resolves once those of all namespaces that allow it were listed. */
  readonly synced: Promise<void>;
  /** None where the operator may not see them. */
  of(namespace: string, functionName: string): readonly PodState[];
  close(): Promise<void>;
}

export interface FunctionPodsOptions {
  readonly client: KubeClient;
  readonly world: World;
  readonly log: Log;
  readonly outages: Outages;
  readonly namespaces?: readonly string[] | undefined;
  /** Further ones that providers have in other namespaces. */
  readonly elsewhere?: readonly PodsElsewhere[];
  /** A pod of the Function with this key says something else than before. */
  changed(functionKey: string): void;
}

export function followPods(options: FunctionPodsOptions): FunctionPods {
  const { client, world, log, outages, namespaces = [undefined], elsewhere = [], changed } = options;
  const places: readonly Place[] = [
    ...namespaces.map(namespace => ({ namespace, labelSelector: SELECTOR, functionOf: functionInItsNamespace })),
    ...elsewhere,
  ];
  const stop = new AbortController();
  const { signal } = stop;
  const states = new UnreadyPods(changed);
  const informers: Informer[] = [];

  /** Without the right to see them, a status says that instances are missing, and not why. */
  async function mayFollow({ namespace, labelSelector }: Place): Promise<boolean> {
    const query = { limit: 1, labelSelector };
    try {
      await client.call('GET', collectionPath(PODS, namespace), { query, signal });
      return true;
    } catch (error) {
      if (error instanceof KubeError && error.httpStatus === 403) return false;
      throw error;
    }
  }

  /** Resolves once they were listed, or once it is clear that they may not be. */
  async function follow(place: Place): Promise<boolean> {
    const { namespace, labelSelector, functionOf } = place;
    const who = `pods of ${namespace ?? 'all namespaces'}`;
    for (;;) {
      try {
        const may = await mayFollow(place);
        signal.throwIfAborted();
        outages.recovered(who);
        if (!may) return false;
        break;
      } catch (error) {
        signal.throwIfAborted();
        outages.failed(who, error);
        await outages.pause(who, world, RETRY_MS, signal);
        signal.throwIfAborted();
      }
    }
    const informer = startInformer({
      client,
      world,
      outages,
      resource: PODS,
      namespace,
      labelSelector,
      keepsNamesOnly: true,
      events: { upsert: pod => states.upsert(pod, functionOf(pod)), remove: states.remove },
    });
    informers.push(informer);
    await informer.synced;
    return true;
  }

  async function again(forbidden: readonly Place[]): Promise<void> {
    let left = forbidden;
    const over = new AbortController();
    const look = async () => {
      const followed = await Promise.all(left.map(follow));
      left = left.filter((_, index) => followed[index] === false);
      if (left.length === 0) over.abort();
    };
    await every(FORBIDDEN_MS, look, { world, signal: AbortSignal.any([signal, over.signal]) });
  }

  let later: Promise<void> = Promise.resolve();
  const synced = (async () => {
    const followed = await Promise.all(places.map(follow));
    const forbidden = places.filter((_, index) => followed[index] === false);
    if (forbidden.length === 0) return;
    const named = forbidden.flatMap(({ namespace }) => namespace ?? []);
    const where = named.length === forbidden.length ? { namespaces: named } : {};
    log('warn', 'pods may not be seen, so statuses do not say why a Function does not start', where);
    later = again(forbidden).catch(() => {});
  })();
  synced.catch(() => {});
  return {
    synced,
    of: states.of,
    async close() {
      stop.abort(new Error('The operator stops.'));
      // No other is begun from now on; listings that are under way end with it.
      await Promise.all(informers.map(informer => informer.close()));
      await synced.catch(() => {});
      await later;
    },
  };
}

type Place = Pick<PodsElsewhere, 'labelSelector' | 'functionOf'> & { readonly namespace: string | undefined };

function functionInItsNamespace(pod: KubeObject): FunctionName | undefined {
  const name = functionNameOf(pod);
  return name === undefined ? undefined : { namespace: pod.metadata.namespace ?? 'default', name };
}

/** By the key of their Function. */
class UnreadyPods {
  readonly #changed: FunctionPodsOptions['changed'];
  readonly #states = new Map<string, Map<string, PodState>>();
  /** The Function of each pod that is kept. */
  readonly #functions = new Map<string, string>();

  constructor(changed: FunctionPodsOptions['changed']) {
    this.#changed = changed;
  }

  readonly of = (namespace: string, functionName: string): readonly PodState[] => {
    const found = this.#states.get(resourceKey('Function', namespace, functionName));
    return found === undefined ? NONE : [...found.values()];
  };

  readonly upsert = (pod: KubeObject, of: FunctionName | undefined): void => {
    if (of === undefined) return;
    const key = resourceKey('Function', of.namespace, of.name);
    const before = this.#states.get(key)?.get(pod.metadata.name);
    const state = toPodState(pod, before);
    if (state === undefined) this.remove(pod);
    if (state === undefined || isDeepStrictEqual(before, state)) return;
    this.#functions.set(keyOf(pod), key);
    const pods = this.#states.get(key) ?? new Map<string, PodState>();
    this.#states.set(key, pods.set(state.name, state));
    this.#changed(key);
  };

  readonly remove = (pod: KubeObject): void => {
    const key = this.#functions.get(keyOf(pod));
    if (key === undefined) return;
    this.#functions.delete(keyOf(pod));
    const pods = this.#states.get(key);
    pods?.delete(pod.metadata.name);
    if (pods?.size === 0) this.#states.delete(key);
    this.#changed(key);
  };
}
