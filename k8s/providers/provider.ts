// What runs Functions in a cluster: which objects should be there for one, and what those that are there say about it.
import type { Resource } from '../../resources/resource.ts';
import type { ApiResource, KubeObject, OwnerReference } from '../api/kube-object.ts';

export interface FunctionProvider {
  readonly name: 'knative' | 'openfaas' | 'deployment';
  /** Every kind of object that it makes, to be followed. */
  readonly resources: readonly ApiResource[];
  /** Objects that should be there, in the order in which to make them. Pure. */
  wanted(fn: Resource<'Function'>, context: ProviderContext): readonly KubeObject[];
  /** What became of them. Pure. */
  observe(fn: Resource<'Function'>, owned: readonly KubeObject[], now: number): Observation;
}

export interface ProviderContext {
  readonly owner: OwnerReference;
  /** Namespace of the gateway and the workers, which may call private Functions. */
  readonly platformNamespace: string;
}

export interface Observation {
  readonly state:
    | 'starting'
    | 'ready'
    /** Works, while a newer version comes up or instances are missing. */
    | 'partly'
    /** Was asked to have no instances. */
    | 'stopped'
    /** Does not get there by itself. */
    | 'stuck';
  /** Whether something changes at the moment. */
  readonly changing: boolean;
  readonly message: string;
  readonly url: string;
  readonly replicas: number;
  /** Label selector of its pods, as text. */
  readonly selector: string;
}
