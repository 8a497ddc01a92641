// Relates Components of Backstage to the APIs that they provide and consume, and to each other.
import type { EdgeKind } from '../../../admin/graph/graph-view.ts';
import { linksOf } from '../../../admin/graph/links.ts';
import { type AnyResource, resourceKey } from '../../../resources/resource.ts';
import type { ResourceSet } from '../../../resources/resource-set.ts';
import { entityKindOf, entityName } from './entity.ts';

export interface Relations {
  readonly providesApis: ReadonlySet<string>;
  readonly consumesApis: ReadonlySet<string>;
  readonly dependsOn: ReadonlySet<string>;
}

type Relation = keyof Relations;
type Add = (component: AnyResource, relation: Relation, to: AnyResource) => void;

/** Each Component has its own, by the key of its resource. */
export function relationsOf(resources: ResourceSet): ReadonlyMap<string, Relations> {
  const byKey = new Map(resources.all.map(resource => [keyOf(resource), resource]));
  const found = new Map<string, Record<Relation, Set<string>>>();
  const add: Add = (component, relation, to) => {
    const key = keyOf(component);
    const relations = found.get(key) ?? { providesApis: new Set(), consumesApis: new Set(), dependsOn: new Set() };
    found.set(key, relations);
    const name = entityName(to.kind, to.metadata.name);
    relations[relation].add(relation === 'dependsOn' ? `component:${name}` : name);
  };
  for (const resource of resources.all) {
    const ends = linksOf(resource).flatMap(({ from, to, how }) => {
      const [source, target] = [byKey.get(from), byKey.get(to)];
      return source && target ? [{ source, target, how }] : [];
    });
    if (resource.kind === 'Subscription') relateSubscription(resource, ends, add);
    else for (const end of ends) relate(end, add);
  }
  return found;
}

interface Ends {
  readonly source: AnyResource;
  readonly target: AnyResource;
  readonly how: EdgeKind;
}

function relate({ source, target, how }: Ends, add: Add): void {
  const [from, to] = [entityKindOf(source.kind), entityKindOf(target.kind)];
  // Backstage knows no relation between two APIs.
  if (from === 'Component' && to === 'Component') {
    if (how === 'read-by') add(target, 'dependsOn', source);
    else add(source, 'dependsOn', target);
  } else if (from === 'Component' && to === 'API') add(source, 'providesApis', target);
  else if (from === 'API' && to === 'Component') {
    if (source.kind === 'Topic') add(target, 'consumesApis', source);
    else add(target, 'providesApis', source);
  }
}

/** Its targets consume the Topic that it reads, and provide the one that it replies to. */
function relateSubscription(
  subscription: AnyResource & { kind: 'Subscription' },
  ends: readonly Ends[],
  add: Add,
): void {
  const topics = ends.flatMap(({ source }) => (source.kind === 'Topic' ? [source] : []));
  const targets = ends.map(({ target }) => target);
  const reply = subscription.spec.reply?.topic;
  for (const target of targets) {
    if (entityKindOf(target.kind) !== 'Component') continue;
    for (const topic of topics) add(target, 'consumesApis', topic);
    const replies = targets.filter(({ kind, metadata }) => kind === 'Topic' && metadata.name === reply);
    for (const topic of replies) add(target, 'providesApis', topic);
  }
}

function keyOf({ kind, metadata }: AnyResource): string {
  return resourceKey(kind, metadata.namespace, metadata.name);
}
