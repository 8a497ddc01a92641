// Describes resources for the software catalogue of Backstage: Systems, Components and APIs.
import { toOpenApi } from '../../../gateway/openapi/document.ts';
import { declaredDescription } from '../../../resources/catalogue-words.ts';
import { type AnyResource, resourceKey } from '../../../resources/resource.ts';
import type { ResourceSet } from '../../../resources/resource-set.ts';
import { renderData, renderWithTexts } from '../../output/render.ts';
import { asyncApisOf } from '../asyncapi/document.ts';
import {
  type Defaults,
  type Entity,
  entityKindOf,
  entityName,
  entityOwnerOf,
  lifecycleOf,
  systemOf,
} from './entity.ts';
import { type Relations, relationsOf } from './relations.ts';

/** Systems first, then in the order of the resources. */
export function toCatalog(resources: ResourceSet, topicPrefix: string, defaults: Defaults): readonly Entity[] {
  const relations = relationsOf(resources);
  const definitions = new Map<AnyResource, object>(asyncApisOf(resources, topicPrefix));
  for (const api of resources.ofKind('Api')) definitions.set(api, toOpenApi(api));
  const parts = resources.all.flatMap(resource => {
    const { kind, metadata } = resource;
    const entityKind = entityKindOf(kind);
    if (entityKind === undefined) return [];
    const key = resourceKey(kind, metadata.namespace, metadata.name);
    const rest =
      entityKind === 'API'
        ? {
            type: kind === 'Api' ? 'openapi' : 'asyncapi',
            definition: `${renderData(definitions.get(resource), 'yaml')}\n`,
          }
        : { type: kind === 'Function' ? 'service' : kind.toLowerCase(), ...listed(relations.get(key)) };
    return [entityOf(resource, entityKind, rest, defaults)];
  });
  return [...systemsOf(resources, defaults), ...parts];
}

/** A document for each entity, as `catalog-info.yaml` has them. */
export function toCatalogText(entities: readonly Entity[]): string {
  return entities.map(renderWithTexts).join('\n---\n');
}

function entityOf(resource: AnyResource, kind: 'API' | 'Component', rest: object, defaults: Defaults): Entity {
  const { metadata } = resource;
  const { title = `${resource.kind} ${metadata.name}`, description = declaredDescription(metadata) } =
    (resource.kind === 'Api' && resource.spec.openapi) || {};
  const annotations = annotationsOf(resource);
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind,
    metadata: {
      name: entityName(resource.kind, metadata.name),
      namespace: metadata.namespace,
      title,
      ...(description === undefined ? {} : { description }),
      ...(Object.keys(annotations).length > 0 && { annotations }),
    },
    spec: {
      lifecycle: lifecycleOf(resource, defaults),
      owner: entityOwnerOf(metadata, defaults),
      system: systemOf(metadata),
      ...rest,
    },
  };
}

/** The Kubernetes plugin finds pods by two of them; the others are the resource's. */
function annotationsOf({ kind, metadata, spec }: AnyResource): Readonly<Record<string, string>> {
  const own = Object.entries(metadata.annotations).filter(([key]) => key.startsWith('backstage.io/'));
  const hasPods = kind === 'Function' && spec.url === undefined;
  return {
    ...(hasPods && {
      'backstage.io/kubernetes-namespace': metadata.namespace,
      'backstage.io/kubernetes-label-selector': `tenfold.dev/function=${metadata.name}`,
    }),
    ...Object.fromEntries(own),
  };
}

/** Lists without members are left out. */
function listed(relations: Relations | undefined): object {
  const lists = Object.entries(relations ?? {}).map(([name, members]) => [name, [...members].toSorted()] as const);
  return Object.fromEntries(lists.filter(([, members]) => members.length > 0));
}

/** A System has the owner of its parts where they have one alone. */
function systemsOf({ all }: ResourceSet, defaults: Defaults): Entity[] {
  const systems = Map.groupBy(all, ({ metadata }) => `${metadata.namespace}/${systemOf(metadata)}`);
  return [...systems.values()].flatMap(parts => {
    const [first] = parts;
    if (first === undefined) return [];
    const owners = new Set(parts.map(({ metadata }) => entityOwnerOf(metadata, defaults)));
    const [owner] = owners;
    return [
      {
        apiVersion: 'backstage.io/v1alpha1',
        kind: 'System',
        metadata: { name: systemOf(first.metadata), namespace: first.metadata.namespace },
        spec: { owner: owners.size === 1 ? owner : defaults.owner },
      } satisfies Entity,
    ];
  });
}
