// A Lease as a lock: one process at a time holds it, and another may take it
// once its holder is silent.
import type { World } from '../../core/world.ts';
import type { KubeClient } from '../api/kube-client.ts';
import { isConflict, isNotFound } from '../api/kube-error.ts';
import { apiVersionOf, collectionPath, objectPath, read, readNumber, readText } from '../api/kube-object.ts';
import { LEASES, toMicroTime } from '../api/leases.ts';

export interface LeaseLockOptions {
  readonly client: KubeClient;
  readonly world: World;
  readonly namespace: string;
  readonly name: string;
  /** Unique for each process. */
  readonly identity: string;
  /** How long a silent holder still holds it. */
  readonly leaseMs: number;
}

export class LeaseLock {
  readonly #options: LeaseLockOptions;
  readonly #path: string;
  /** The last seen change of the Lease, by our clock: those of other machines may differ. */
  #seen: { readonly version: string; readonly at: number } | undefined;
  /** The Lease as this process wrote it last; undefined while it does not hold it. */
  #ours: unknown;

  constructor(options: LeaseLockOptions) {
    this.#options = options;
    this.#path = objectPath(LEASES, options.namespace, options.name);
  }

  /** Whether this process holds the Lease now. Rejects when that is not known. */
  async tryToHold(signal: AbortSignal): Promise<boolean> {
    const began = this.#options.world.monotonic();
    this.#ours = (await this.#renew(signal)) ?? (await this.#take(began, signal));
    return this.#ours !== undefined;
  }

  /**
   * Lets another process take the Lease at once. A caller that may hold it again later must abort
   * `signal` before that: the release would end the later hold.
   */
  async release(signal: AbortSignal): Promise<void> {
    const { client, identity } = this.#options;
    const lease = await client.call('GET', this.#path, { signal });
    if (readText(lease, 'spec', 'holderIdentity') === identity) await this.#write(lease, lease, '', signal);
  }

  /**
   * Renews without reading it first: the server refuses that where another process has written
   * after us.
   */
  async #renew(signal: AbortSignal): Promise<unknown> {
    const last = this.#ours;
    if (readText(last, 'metadata', 'resourceVersion') === undefined) return undefined;
    return await this.#write(last, last, this.#options.identity, signal);
  }

  async #take(began: number, signal: AbortSignal): Promise<unknown> {
    const { client, identity } = this.#options;
    const lease = await client.call('GET', this.#path, { signal }).catch(error => {
      if (isNotFound(error)) return undefined;
      throw error;
    });
    const holder = readText(lease, 'spec', 'holderIdentity') ?? '';
    const version = readText(lease, 'metadata', 'resourceVersion') ?? '';
    if (this.#seen?.version !== version) this.#seen = { version, at: began };
    const leaseMs = (readNumber(lease, 'spec', 'leaseDurationSeconds') ?? 0) * 1000;
    if (holder !== '' && holder !== identity && began < this.#seen.at + leaseMs) return undefined;
    return await this.#write(lease, holder === identity ? lease : undefined, identity, signal);
  }

  /** The Lease as it is now; undefined where another process was faster. */
  async #write(lease: unknown, held: unknown, holder: string, signal: AbortSignal): Promise<unknown> {
    const { client, namespace } = this.#options;
    const body = {
      apiVersion: apiVersionOf(LEASES),
      kind: LEASES.kind,
      metadata: this.#metadataOf(lease),
      spec: this.#specOf(lease, held, holder),
    };
    try {
      if (lease === undefined) return await client.call('POST', collectionPath(LEASES, namespace), { body, signal });
      return await client.call('PUT', this.#path, { body, signal });
    } catch (error) {
      if (isConflict(error) || isNotFound(error)) return undefined;
      throw error;
    }
  }

  #specOf(lease: unknown, held: unknown, holder: string) {
    const { world, leaseMs } = this.#options;
    const now = toMicroTime(world.now());
    const transitions = readNumber(lease, 'spec', 'leaseTransitions') ?? 0;
    return {
      holderIdentity: holder,
      leaseDurationSeconds: holder === '' ? 1 : Math.ceil(leaseMs / 1000),
      acquireTime: readText(held, 'spec', 'acquireTime') ?? now,
      renewTime: now,
      leaseTransitions: held === undefined && lease !== undefined ? transitions + 1 : transitions,
    };
  }

  /**
   * The update keeps its resourceVersion and the metadata of others, since it replaces the whole
   * object.
   */
  #metadataOf(lease: unknown) {
    const { name, namespace } = this.#options;
    const theirs = read(lease, 'metadata');
    return { ...(typeof theirs === 'object' ? theirs : {}), name, namespace, managedFields: undefined };
  }
}
