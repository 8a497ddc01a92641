// Compares the schemas of Topics, and the windows of Pipelines, with those in the cluster, before
// anything is written.
import type { KubeObject } from '../../k8s/api/kube-object.ts';
import { apiResourceOf } from '../../k8s/api/tenfold-kinds.ts';
import type { Writer } from '../../k8s/apply/writer.ts';
import { lastValidOf } from '../../k8s/catalog/last-valid.ts';
import { toResource } from '../../k8s/catalog/to-resource.ts';
import { schemaChangeProblems } from '../../resources/compatibility/schema-changes.ts';
import { keepsOpen, windowChangeProblems } from '../../resources/compatibility/window-changes.ts';
import { API_VERSION } from '../../resources/kinds/index.ts';
import type { Kind } from '../../resources/kinds/kind-names.ts';
import type { AnyResource, ResourceProblem } from '../../resources/resource.ts';
import { createResourceSet } from '../../resources/resource-set.ts';

/** The kinds that have a Topic as their source. */
const READERS: readonly Kind[] = ['Subscription', 'View', 'Pipeline', 'FanOut', 'Strangler'];

/** Reads who reads a Topic only when its change breaks something. */
export async function changesOfSchemas(
  resources: readonly AnyResource[],
  writer: Pick<Writer, 'list'>,
): Promise<ResourceProblem[]> {
  const topics = createResourceSet(resources).ofKind('Topic');
  const live = (kinds: readonly Kind[]) => liveOf(kinds, topics, writer);
  const before = createResourceSet(await live(['Topic'])).ofKind('Topic');
  const changes = { before, after: topics, readers: resources };
  if (schemaChangeProblems(changes).length === 0) return [];
  return schemaChangeProblems({ ...changes, readers: [...resources, ...(await live(READERS))] });
}

/** Asks only for namespaces that have a Pipeline with windows or joins of Topics in the files. */
export async function changesOfWindows(
  resources: readonly AnyResource[],
  writer: Pick<Writer, 'list'>,
): Promise<ResourceProblem[]> {
  const after = createResourceSet(resources).ofKind('Pipeline').filter(keepsOpen);
  const live = await liveOf(['Pipeline'], after, writer);
  return windowChangeProblems({ before: createResourceSet(live).ofKind('Pipeline'), after });
}

/** The resources in force of these kinds, in the namespaces of the files. */
async function liveOf(
  kinds: readonly Kind[],
  files: readonly AnyResource[],
  writer: Pick<Writer, 'list'>,
): Promise<AnyResource[]> {
  const found: AnyResource[] = [];
  for (const namespace of new Set(files.map(({ metadata }) => metadata.namespace))) {
    for (const kind of kinds) {
      const objects = await writer.list(apiResourceOf(kind), namespace);
      found.push(...(objects ?? []).flatMap(object => parsed(kind, object)));
    }
  }
  return found;
}

/** The version in force: the newest one, or the last one that was valid. */
function parsed(kind: Kind, item: KubeObject): AnyResource[] {
  const object = { ...item, apiVersion: API_VERSION };
  const found = toResource(kind, object);
  const inForce = 'resource' in found ? found.resource : lastValidOf(kind, object);
  return inForce ? [inForce] : [];
}
