// The ten kinds as resources of the API.
import { GROUP, type Kind, kinds, VERSION } from '../../resources/kinds/index.ts';
import type { ApiResource } from './kube-object.ts';

export function apiResourceOf(kind: Kind): ApiResource {
  return { group: GROUP, version: VERSION, plural: kinds[kind].plural, kind };
}
