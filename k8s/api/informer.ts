// Follows all objects of one kind: lists them in pages, then watches, and lists again only when the server has forgotten where we were.
import { jittered, pauseAfter } from '../../core/retry/backoff.ts';
import type { World } from '../../core/world.ts';
import { sleep } from '../../core/world.ts';
import type { KubeClient } from './kube-client.ts';
import { isGone, KubeError } from './kube-error.ts';
import {
  type ApiResource,
  apiVersionOf,
  collectionPath,
  type KubeObject,
  readText,
  toKubeObject,
} from './kube-object.ts';
import type { Outages } from './outages.ts';

export interface InformerOptions {
  readonly client: KubeClient;
  readonly world: World;
  readonly resource: ApiResource;
  /** All when it is left out. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  /** Reads only names and versions, not the content. */
  readonly metadataOnly?: boolean | undefined;
  readonly outages: Outages;
  readonly events: InformerEvents;
}

export interface InformerEvents {
  /** A new or changed object; `before` is its state before. */
  upsert(object: KubeObject, before: KubeObject | undefined): void;
  remove(object: KubeObject): void;
}

export interface Informer {
  readonly objects: ReadonlyMap<string, KubeObject>;
  /** Resolves once everything was listed for the first time, or when it is closed. */
  readonly synced: Promise<void>;
  close(): Promise<void>;
}

const PAGE = 500;
/** The server ends a watch after about this time, and a new one begins where it ended. */
const WATCH_SECONDS = 300;
/** A server sends a bookmark each minute; a server that is silent for longer may be gone. */
const SILENCE_MS = 100_000;
const PAUSES = { base: 500, max: 10_000 };

/** `namespace/name`, the key of `objects`. */
export function keyOf({ metadata }: Pick<KubeObject, 'metadata'>): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

export function startInformer(options: InformerOptions): Informer {
  const { client, world, resource, namespace, labelSelector, metadataOnly = false, outages, events } = options;
  const accept = (kind: string) => (metadataOnly ? `application/json;as=${kind};g=meta.k8s.io;v=v1` : undefined);
  const path = collectionPath(resource, namespace);
  const who = namespace === undefined ? resource.plural : `${resource.plural} of ${namespace}`;
  const objects = new Map<string, KubeObject>();
  const stop = new AbortController();
  const synced = Promise.withResolvers<void>();
  /** Since a watch was last opened. */
  let failures = 0;
  /** Since a watch brought anything. */
  let fruitless = 0;
  const nextPause = () => pauseAfter(++fruitless, PAUSES, world.random());

  const keep = (value: unknown) => {
    const object = toKubeObject(value);
    if (!object) return undefined;
    const lean = metadataOnly ? identityOf(object, resource) : withoutBallast(object, resource);
    const key = keyOf(lean);
    const before = objects.get(key);
    if (before && before.metadata.uid === lean.metadata.uid && sameVersion(before, lean)) return key;
    objects.set(key, lean);
    events.upsert(lean, before);
    return key;
  };
  const drop = (key: string) => {
    const object = objects.get(key);
    if (object && objects.delete(key)) events.remove(object);
  };

  /** The version from which to watch. */
  async function list(): Promise<string> {
    const there = new Set<string>();
    let next: string | undefined;
    for (;;) {
      const query = { limit: PAGE, continue: next, labelSelector };
      const answer = await client.call('GET', path, {
        query,
        accept: accept('PartialObjectMetadataList'),
        signal: stop.signal,
      });
      const { items, version, more } = toList(answer, path);
      for (const item of items) {
        const key = keep(item);
        if (key !== undefined) there.add(key);
      }
      next = more;
      if (next !== undefined) continue;
      for (const key of [...objects.keys()]) if (!there.has(key)) drop(key);
      return version;
    }
  }

  /**
   * Ends when the server ends the watch; reports each version from which the next watch can start.
   */
  async function watch(from: string, learned: (version: string) => void): Promise<void> {
    const timeoutSeconds = Math.round(jittered(WATCH_SECONDS, world.random()));
    const query = { watch: true, allowWatchBookmarks: true, resourceVersion: from, timeoutSeconds, labelSelector };
    const opened = () => {
      failures = 0;
      outages.recovered(who);
    };
    const options = {
      query,
      accept: accept('PartialObjectMetadata'),
      silenceMs: SILENCE_MS,
      signal: stop.signal,
      opened,
    };
    for await (const event of client.stream(path, options)) {
      const { type, object } = toEvent(event, path);
      if (type === 'ADDED' || type === 'MODIFIED') keep(object);
      if (type === 'DELETED') drop(keyOf(object));
      if (object.metadata.resourceVersion) learned(object.metadata.resourceVersion);
    }
  }

  async function follow(): Promise<void> {
    let version: string | undefined;
    while (!stop.signal.aborted) {
      try {
        version ??= await list();
        synced.resolve();
        const began = world.monotonic();
        await watch(version, learned => {
          version = learned;
          fruitless = 0;
        });
        // A server that ends every watch at once must not be stormed.
        if (world.monotonic() - began < 1000) await sleep(world, nextPause(), stop.signal);
      } catch (error) {
        if (stop.signal.aborted) break;
        // A connection that is cut once is nothing to talk about.
        if (isGone(error)) version = undefined;
        else if (++failures > 1) outages.failed(who, error);
        await outages.pause(who, world, nextPause(), stop.signal);
      }
    }
  }

  const following = follow().catch(() => {});
  return {
    objects,
    synced: synced.promise,
    async close() {
      stop.abort();
      await following;
      synced.resolve();
    },
  };
}

function sameVersion(one: KubeObject, other: KubeObject): boolean {
  return one.metadata.resourceVersion !== undefined && one.metadata.resourceVersion === other.metadata.resourceVersion;
}

/**
 * Objects in lists come without kind and version. The managed fields are of no use here, and half
 * of most objects.
 */
function withoutBallast(object: KubeObject, resource: ApiResource): KubeObject {
  const metadata = { ...object.metadata };
  Reflect.deleteProperty(metadata, 'managedFields');
  return { ...object, apiVersion: apiVersionOf(resource), kind: resource.kind, metadata };
}

/** Annotations of a Secret may repeat its content. */
function identityOf({ metadata }: KubeObject, resource: ApiResource): KubeObject {
  const { name, namespace, uid, resourceVersion } = metadata;
  return {
    apiVersion: apiVersionOf(resource),
    kind: resource.kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
  };
}

function toList(
  answer: unknown,
  path: string,
): { items: readonly unknown[]; version: string; more: string | undefined } {
  const items = typeof answer === 'object' && answer !== null && 'items' in answer ? answer.items : undefined;
  const version = readText(answer, 'metadata', 'resourceVersion');
  if (version === undefined)
    throw new KubeError('cluster-unavailable', `GET ${path} was answered with no list.`, 0, {});
  const more = readText(answer, 'metadata', 'continue');
  return { items: Array.isArray(items) ? items : [], version, more: more === '' ? undefined : more };
}

function toEvent(event: unknown, path: string): { type: string; object: KubeObject } {
  const type = readText(event, 'type') ?? '';
  const object = typeof event === 'object' && event !== null && 'object' in event ? event.object : undefined;
  if (type === 'BOOKMARK') {
    const resourceVersion = readText(object, 'metadata', 'resourceVersion') ?? '';
    return { type, object: { apiVersion: '', kind: '', metadata: { name: '', resourceVersion } } };
  }
  const found = toKubeObject(object);
  if (found && type !== 'ERROR') return { type, object: found };
  const status = typeof object === 'object' && object !== null && 'code' in object ? Number(object.code) : 0;
  const said = readText(object, 'message') ?? 'an event that is none';
  const code = status === 410 ? 'gone' : 'cluster-unavailable';
  throw new KubeError(code, `The watch of ${path} ended with: ${said}`, status, {});
}
