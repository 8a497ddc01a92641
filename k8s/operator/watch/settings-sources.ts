// Which versions the Secrets and ConfigMaps have that Functions take their settings from: seen in
// namespaces that allow it, by their metadata alone.
import { createHash } from 'node:crypto';
import type { World } from '../../../core/world.ts';
import type { AnyResource, Resource } from '../../../resources/resource.ts';
import { resourceKey } from '../../../resources/resource.ts';
import { type Informer, keyOf, startInformer } from '../../api/informer.ts';
import type { KubeClient } from '../../api/kube-client.ts';
import { KubeError } from '../../api/kube-error.ts';
import { type ApiResource, collectionPath, type KubeObject } from '../../api/kube-object.ts';
import type { Log, Outages } from '../../api/outages.ts';

export const SECRETS: ApiResource = { group: '', version: 'v1', plural: 'secrets', kind: 'Secret' };
const CONFIG_MAPS: ApiResource = { group: '', version: 'v1', plural: 'configmaps', kind: 'ConfigMap' };

export interface SettingsSources {
  /** Resolves once those of all namespaces that allow it were listed. */
  readonly synced: Promise<void>;
  /**
   * Changes with each of them that the Function names; undefined where they are not
   * seen, or where it names none.
   */
  versionOf(fn: Resource<'Function'>): string | undefined;
  close(): Promise<void>;
}

export interface SettingsSourcesOptions {
  readonly client: KubeClient;
  readonly world: World;
  readonly log: Log;
  readonly outages: Outages;
  readonly namespaces: readonly string[];
  /** All that is in force. */
  resources(): Iterable<AnyResource>;
  /** A source of settings of the Function with this key has changed. */
  changed(functionKey: string): void;
}

export function followSettingsSources(options: SettingsSourcesOptions): SettingsSources {
  const { client, world, log, outages, namespaces, resources, changed } = options;
  const stop = new AbortController();
  const informers = new Map<string, Informer>();

  const tell = ({ kind, metadata }: KubeObject) => {
    for (const resource of resources()) {
      if (resource.kind !== 'Function' || resource.metadata.namespace !== metadata.namespace) continue;
      if (namedBy(resource).some(one => one.kind === kind && one.name === metadata.name))
        changed(resourceKey('Function', resource.metadata.namespace, resource.metadata.name));
    }
  };

  /**
   * Without the right to, a namespace is one whose Functions are not restarted;
   * nothing else waits for that.
   */
  async function follow(namespace: string): Promise<void> {
    for (const resource of [SECRETS, CONFIG_MAPS]) {
      try {
        const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
        await client.call('GET', collectionPath(resource, namespace), {
          query: { limit: 1 },
          accept,
          signal: stop.signal,
        });
      } catch (error) {
        if (!(error instanceof KubeError) || error.httpStatus !== 403) throw error;
        log('warn', 'Functions are not restarted when their settings change', { namespace, reason: error.message });
        return;
      }
    }
    const begun = [SECRETS, CONFIG_MAPS].map(resource => {
      const events = { upsert: tell, remove: tell };
      const informer = startInformer({ client, world, outages, resource, namespace, metadataOnly: true, events });
      return { name: `${resource.kind} ${namespace}`, informer };
    });
    await Promise.all(begun.map(({ informer }) => informer.synced));
    // Both or none: a version made of a part would restart everything when the rest is there.
    for (const { name, informer } of begun) informers.set(name, informer);
  }

  async function followAll(): Promise<void> {
    for (const namespace of namespaces) {
      for (;;) {
        try {
          await follow(namespace);
          break;
        } catch (error) {
          stop.signal.throwIfAborted();
          outages.failed(`settings of ${namespace}`, error);
          await outages.pause(`settings of ${namespace}`, world, RETRY_MS, stop.signal);
        }
      }
      outages.recovered(`settings of ${namespace}`);
    }
  }

  const synced = followAll();
  synced.catch(() => {});
  return {
    synced,
    versionOf(fn) {
      const { namespace } = fn.metadata;
      const named = namedBy(fn);
      if (named.length === 0 || !informers.has(`Secret ${namespace}`)) return undefined;
      const versions = named.map(({ kind, name }) => {
        const object = informers.get(`${kind} ${namespace}`)?.objects.get(keyOf({ metadata: { namespace, name } }));
        return [kind, name, object?.metadata.uid ?? '', object?.metadata.resourceVersion ?? ''];
      });
      return createHash('sha256').update(JSON.stringify(versions)).digest('hex').slice(0, 16);
    },
    async close() {
      stop.abort(new Error('The operator stops.'));
      await Promise.all([...informers.values()].map(informer => informer.close()));
      await synced.catch(() => {});
    },
  };
}

const RETRY_MS = 2000;

interface Named {
  readonly kind: 'Secret' | 'ConfigMap';
  readonly name: string;
}

/** Each once, in an order that does not depend on that of the variables. */
function namedBy({ spec }: Resource<'Function'>): readonly Named[] {
  const all = (spec.env ?? []).flatMap(({ valueFrom }): Named[] => [
    ...(valueFrom?.secretKeyRef ? [{ kind: 'Secret' as const, name: valueFrom.secretKeyRef.name }] : []),
    ...(valueFrom?.configMapKeyRef ? [{ kind: 'ConfigMap' as const, name: valueFrom.configMapKeyRef.name }] : []),
  ]);
  const byText = new Map(all.map(one => [`${one.kind}/${one.name}`, one]));
  return [...byText].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, one]) => one);
}
