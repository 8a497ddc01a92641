// The ten kinds as resources of the API.
import { GROUP, kinds, VERSION } from '../../resources/kinds/index.ts';
import type { Kind } from '../../resources/kinds/kind-names.ts';
import type { ApiResource } from './kube-object.ts';

export function apiResourceOf(kind: Kind): ApiResource {
  return { group: GROUP, version: VERSION, plural: kinds[kind].plural, kind };
}
