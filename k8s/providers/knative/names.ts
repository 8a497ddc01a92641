// The names of the objects of a Function in Knative, and which of the existing objects they are.
import type { Resource } from '../../../resources/resource.ts';
import { type ApiResource, apiVersionOf, type KubeObject } from '../../api/kube-object.ts';
import { type Labels, prefixed } from '../deployment/names.ts';

export const KNATIVE = { group: 'serving.knative.dev', version: 'v1' } as const;
export const KNATIVE_SERVICES: ApiResource = { ...KNATIVE, plural: 'services', kind: 'Service' };
export const REVISIONS: ApiResource = { ...KNATIVE, plural: 'revisions', kind: 'Revision' };

/**
 * Knative makes a Service of this name, so it differs from the name of the Deployment's: both exist
 * while a Function moves. It leaves room for `-00001`.
 */
const MAX_NAME = 50;

export function knativeNameOf(name: string): string {
  return prefixed('kn', name, MAX_NAME);
}

/**
 * Knative puts it on the pods. It is not the label of Deployments, whose Services would send to
 * these pods, too.
 */
export function knativeSelectorOf({ metadata }: Resource<'Function'>): Labels {
  return { 'serving.knative.dev/service': knativeNameOf(metadata.name) };
}

export interface Found {
  /** Undefined also while it is being deleted. */
  readonly service: KubeObject | undefined;
  readonly revisions: readonly KubeObject[];
}

export function foundOf({ metadata }: Resource<'Function'>, live: readonly KubeObject[]): Found {
  const name = knativeNameOf(metadata.name);
  const ofKnative = live.filter(({ apiVersion }) => apiVersion === apiVersionOf(KNATIVE));
  const service = ofKnative.find(one => one.kind === KNATIVE_SERVICES.kind && one.metadata.name === name);
  return {
    service: service?.metadata.deletionTimestamp === undefined ? service : undefined,
    revisions: ofKnative.filter(({ kind }) => kind === REVISIONS.kind),
  };
}
