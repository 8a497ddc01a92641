// Follows all objects of one kind: lists them in pages, then watches, and lists again only when the
// server has forgotten where we were.
import { jittered, pauseAfter } from '../../core/retry/backoff.ts';
import type { World } from '../../core/world.ts';
import { sleep } from '../../core/world.ts';
import type { KubeClient } from './kube-client.ts';
import { isGone } from './kube-error.ts';
import { type ApiResource, apiVersionOf, collectionPath, type KubeObject, toKubeObject } from './kube-object.ts';
import { toEvent, toList } from './list-and-watch.ts';
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
  /** Tells of the content, and keeps only names and versions. */
  readonly keepsNamesOnly?: boolean | undefined;
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
  const informer = new FollowingInformer(options);
  informer.start();
  return informer;
}

class FollowingInformer implements Informer {
  readonly #options: InformerOptions;
  readonly #path: string;
  /** The followed objects, in words for the log. */
  readonly #who: string;
  readonly #objects = new Map<string, KubeObject>();
  readonly #stop = new AbortController();
  readonly #synced = Promise.withResolvers<void>();
  /** Since a watch was last opened. */
  #failures = 0;
  /** Pauses since a watch brought anything. */
  #fruitless = 0;
  /** From which to watch; undefined when the objects must be listed first. */
  #version: string | undefined;
  #following: Promise<void> | undefined;

  constructor(options: InformerOptions) {
    const { resource, namespace } = options;
    this.#options = options;
    this.#path = collectionPath(resource, namespace);
    this.#who = namespace === undefined ? resource.plural : `${resource.plural} of ${namespace}`;
  }

  get objects(): ReadonlyMap<string, KubeObject> {
    return this.#objects;
  }

  get synced(): Promise<void> {
    return this.#synced.promise;
  }

  start(): void {
    this.#following = this.#follow().catch(() => {});
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#following;
    this.#synced.resolve();
  }

  async #follow(): Promise<void> {
    const { world, outages } = this.#options;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        this.#version ??= await this.#list();
        this.#synced.resolve();
        const began = world.monotonic();
        await this.#watch(this.#version);
        // A server that ends every watch at once must not be stormed.
        if (world.monotonic() - began < 1000) await sleep(world, this.#nextPause(), signal);
      } catch (error) {
        if (signal.aborted) break;
        // A connection that is cut once is nothing to talk about.
        if (isGone(error)) this.#version = undefined;
        else if (++this.#failures > 1) outages.failed(this.#who, error);
        await outages.pause(this.#who, world, this.#nextPause(), signal);
      }
    }
  }

  /** The version from which to watch. */
  async #list(): Promise<string> {
    const { client, labelSelector } = this.#options;
    const there = new Set<string>();
    let next: string | undefined;
    for (;;) {
      const query = { limit: PAGE, continue: next, labelSelector };
      const accept = this.#accept('PartialObjectMetadataList');
      const answer = await client.call('GET', this.#path, { query, accept, signal: this.#stop.signal });
      const { items, version, more } = toList(answer, this.#path);
      for (const item of items) {
        const key = this.#keep(item);
        if (key !== undefined) there.add(key);
      }
      next = more;
      if (next !== undefined) continue;
      for (const key of [...this.#objects.keys()]) if (!there.has(key)) this.#drop(key);
      return version;
    }
  }

  /**
   * Ends when the server ends the watch. Notes each version from which the next watch can start.
   */
  async #watch(from: string): Promise<void> {
    const { client, world, labelSelector, outages } = this.#options;
    const timeoutSeconds = Math.round(jittered(WATCH_SECONDS, world.random()));
    const query = { watch: true, allowWatchBookmarks: true, resourceVersion: from, timeoutSeconds, labelSelector };
    const opened = () => {
      this.#failures = 0;
      outages.recovered(this.#who);
    };
    const accept = this.#accept('PartialObjectMetadata');
    const options = { query, accept, silenceMs: SILENCE_MS, signal: this.#stop.signal, opened };
    for await (const event of client.stream(this.#path, options)) {
      const { type, object } = toEvent(event, this.#path);
      if (type === 'ADDED' || type === 'MODIFIED') this.#keep(object);
      if (type === 'DELETED') this.#drop(keyOf(object));
      if (!object.metadata.resourceVersion) continue;
      this.#version = object.metadata.resourceVersion;
      this.#fruitless = 0;
    }
  }

  /** The key of the object; undefined for what is none. */
  #keep(value: unknown): string | undefined {
    const { resource, metadataOnly = false, keepsNamesOnly = false, events } = this.#options;
    const object = toKubeObject(value);
    if (!object) return undefined;
    const lean = metadataOnly ? identityOf(object, resource) : withoutBallast(object, resource);
    const key = keyOf(lean);
    const before = this.#objects.get(key);
    if (before && before.metadata.uid === lean.metadata.uid && sameVersion(before, lean)) return key;
    this.#objects.set(key, keepsNamesOnly ? identityOf(object, resource) : lean);
    events.upsert(lean, before);
    return key;
  }

  #drop(key: string): void {
    const object = this.#objects.get(key);
    if (object && this.#objects.delete(key)) this.#options.events.remove(object);
  }

  #nextPause(): number {
    return pauseAfter(++this.#fruitless, PAUSES, this.#options.world.random());
  }

  #accept(kind: string): string | undefined {
    return this.#options.metadataOnly ? `application/json;as=${kind};g=meta.k8s.io;v=v1` : undefined;
  }
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
