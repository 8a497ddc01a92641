// Makes the catalogue of Topics out of the resources in force, once for each state of them.
import { sensitiveFields } from '../../core/json-schema/unmasked-fields.ts';
import type { World } from '../../core/world.ts';
import { declaredDescription, declaredLifecycle, declaredOwner } from '../../resources/catalogue-words.ts';
import type { AnyResource, Resource } from '../../resources/resource.ts';
import type { ResourceSet } from '../../resources/resource-set.ts';
import { inPieces } from '../live/in-pieces.ts';
import type { PlatformView } from '../platform-view.ts';
import type { TopicConsumer, TopicEntry, TopicProducer } from './catalogue-view.ts';
import { createFlowFinder, type EventFlow, type Holder } from './event-flows.ts';

type Topic = Resource<'Topic'>;

export interface CatalogueItem {
  readonly entry: TopicEntry;
  /** The length of its JSON. */
  readonly size: number;
  /** Its words in lower case: name, purpose, owner, and the names of who sends and reads. */
  readonly searched: string;
}

/**
 * Each call resolves to the Topics of all namespaces, sorted by namespace and name. There are none
 * while no resources are known.
 */
export function createCatalogue(
  { catalog }: Pick<PlatformView, 'catalog'>,
  world: Pick<World, 'after'>,
): () => Promise<readonly CatalogueItem[]> {
  let made: { readonly of: ResourceSet; readonly items: Promise<readonly CatalogueItem[]> } | undefined;
  return async () => {
    const { current } = catalog;
    if (current === undefined) return [];
    const { resources } = current;
    if (made?.of !== resources) made = { of: resources, items: itemsOf(resources, world) };
    const mine = made;
    try {
      return await mine.items;
    } catch (error) {
      if (made === mine) made = undefined;
      throw error;
    }
  };
}

async function itemsOf(resources: ResourceSet, world: Pick<World, 'after'>): Promise<readonly CatalogueItem[]> {
  const flows = (await inPieces(world, resources.all, createFlowFinder(resources))).flat();
  const byHolder = Map.groupBy<Holder, EventFlow>(flows, ({ holder }) => holder);
  const items = await inPieces(world, resources.ofKind('Topic'), topic => {
    const entry = toEntry(topic, byHolder.get(topic) ?? []);
    return { entry, size: JSON.stringify(entry).length, searched: searchedIn(entry) };
  });
  return items.toSorted((one, other) => (cataloguePlace(one.entry) < cataloguePlace(other.entry) ? -1 : 1));
}

/** In the order of the catalogue. */
export function cataloguePlace({ namespace, name }: Pick<TopicEntry, 'namespace' | 'name'>): string {
  return `${namespace}/${name}`;
}

function searchedIn({ name, description, owner, producers, consumers }: TopicEntry): string {
  const neighbours = [...producers, ...consumers].map(each => each.name);
  return [name, description, owner, ...neighbours].join('\n').toLowerCase();
}

function toEntry(topic: Topic, flows: readonly EventFlow[]): TopicEntry {
  const { metadata, spec } = topic;
  const { schema, compatibility, encoding, external } = spec;
  const { fields, isWhole } = sensitiveFields(schema);
  const description = declaredDescription(metadata) ?? textOf(schema?.['description']);
  const lifecycle = declaredLifecycle(metadata);
  const examples = schema?.['examples'];
  const registry = encoding?.registry;
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    ...(description !== undefined && { description }),
    ...ownerIn(topic),
    ...(lifecycle !== undefined && { lifecycle }),
    ...(external && { external }),
    ...(schema !== undefined && { schema }),
    compatibility,
    sensitive: fields,
    ...(!isWhole && { moreSensitive: true }),
    ...(encoding !== undefined &&
      registry !== undefined && {
        registry: {
          format: encoding.format,
          ...(registry.subject !== undefined && { subject: registry.subject }),
        },
      }),
    samples: Array.isArray(examples) ? examples : [],
    producers: flows.flatMap(({ action, by }) => (action === 'send' ? producersOf(by, topic) : [])),
    consumers: flows.flatMap(flow => (flow.action === 'receive' ? [toConsumer(flow)] : [])),
  };
}

/** A Topic sends to itself by its schedules and its source. */
function producersOf(by: AnyResource, topic: Topic): TopicProducer[] {
  const { kind, metadata } = by;
  const { namespace, name } = metadata;
  if (by !== topic) return [{ kind, namespace, name, ...ownerIn(by) }];
  const { schedules = [], source } = topic.spec;
  const begun = schedules.map(schedule => ({ kind: 'Schedule', namespace, name: schedule.name, cron: schedule.cron }));
  return source === undefined ? begun : [...begun, { kind: 'Postgres', namespace, name: source.postgres.table }];
}

function toConsumer({ by, to }: EventFlow): TopicConsumer {
  const { kind, metadata } = by;
  const { namespace, name } = metadata;
  const filter = by.kind === 'Subscription' ? by.spec.filter : undefined;
  return { kind, namespace, name, ...ownerIn(by), ...(filter !== undefined && { filter }), to };
}

function ownerIn({ metadata }: AnyResource): { readonly owner?: string } {
  const owner = declaredOwner(metadata);
  return owner === undefined ? {} : { owner };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
