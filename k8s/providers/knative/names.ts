// What the objects of a Function by Knative are called, and which of those that are there they are.
import type { Resource } from '../../../resources/resource.ts';
import { type ApiResource, apiVersionOf, type KubeObject } from '../../api/kube-object.ts';
import { type Labels, prefixed } from '../deployment/names.ts';

export const KNATIVE = { group: 'serving.knative.dev', version: 'v1' } as const;
export const KNATIVE_SERVICES: ApiResource = { ...KNATIVE, plural: 'services', kind: 'Service' };
export const REVISIONS: ApiResource = { ...KNATIVE, plural: 'revisions', kind: 'Revision' };

/** Knative makes a Service of this name, so it is another one than that of a Deployment: both are there while a Function moves. With room for `-00001`. */
const MAX_NAME = 50;

export function knativeNameOf(name: string): string {
  return prefixed('kn', name, MAX_NAME);
}

/** Knative puts it on the pods. Not the label of Deployments: their Services would send to these pods, too. */
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
