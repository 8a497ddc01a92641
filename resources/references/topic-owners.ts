// The owner of a topic in Kafka that a Topic names. A topic that stands for a Topic of another
// namespace, or that we keep there for it, is refused.
import { namespaceOfName, RESERVED, TOPIC_EPOCHS_TOPIC, topicOf } from '../../core/names.ts';
import type { Resource } from '../resource.ts';
import type { ResourceSet } from '../resource-set.ts';
import { problemAt } from './check.ts';
import type { Declared } from './declared.ts';
import type { Collision } from './routes/colliding-routes.ts';

/** The owner of topics without a namespace. */
const PLATFORM = '';

/**
 * Returns the namespace that owns the topic that a Topic names; undefined when it is its own, or
 * has no known owner.
 */
export function createTopicOwners(resources: ResourceSet): (topic: Resource<'Topic'>) => string | undefined {
  const owners = new Map(
    resources
      .ofKind('Topic')
      .filter(({ spec }) => spec.kafka?.topic === undefined)
      .map(({ metadata }) => [topicOf(metadata.namespace, metadata.name), metadata.namespace]),
  );
  const known = new Set(resources.all.map(({ metadata }) => metadata.namespace));
  return ({ metadata, spec }) => {
    const name = spec.kafka?.topic;
    if (name === undefined) return undefined;
    if (name === TOPIC_EPOCHS_TOPIC) return PLATFORM;
    const [first = '', second = ''] = name.split('.');
    const owner = owners.get(name) ?? (RESERVED.has(first) && known.has(second) ? second : undefined);
    return owner === metadata.namespace ? undefined : owner;
  };
}

/**
 * The same for a name that Kafka knows as it is, where our names begin with a prefix. The topic
 * belongs to the namespace in its name, even when nothing else is known of that namespace.
 */
export function ownerByPrefix(prefix: string, name: string, namespace: string): string | undefined {
  if (prefix === '' || !name.startsWith(prefix)) return undefined;
  const rest = name.slice(prefix.length);
  const owner = rest === TOPIC_EPOCHS_TOPIC ? PLATFORM : namespaceOfName(rest);
  return owner === namespace ? undefined : owner;
}

/**
 * Topics of two namespaces that name one topic of Kafka, which the platform keeps for at least one
 * of them: only one can have it.
 */
export function topicsOfTwo<R extends Declared>(declared: readonly R[]): Collision<R>[] {
  const named = declared.flatMap(resource => {
    if (resource.kind !== 'Topic' || !('spec' in resource)) return [];
    const { kafka, external } = resource.spec;
    return kafka?.topic === undefined ? [] : [{ resource, external, name: kafka.topic }];
  });
  const found: Collision<R>[] = [];
  for (const group of Map.groupBy(named, ({ name }) => name).values()) {
    for (const [index, one] of group.entries()) {
      for (const other of group.slice(index + 1)) {
        if (one.resource.metadata.namespace === other.resource.metadata.namespace || (one.external && other.external))
          continue;
        const problems = [one, other].map(({ resource, name }) =>
          problemAt(resource, TOPIC_AT, { message: inUse(name) }),
        );
        found.push({ one: one.resource, other: other.resource, problems });
      }
    }
  }
  return found;
}

const TOPIC_AT = ['spec', 'kafka', 'topic'];

function inUse(name: string): string {
  return `A Topic of another namespace stands for the topic ${name} of Kafka. Take another name; where it is none of ours, both can say "external: true".`;
}

export function belongsElsewhere(name: string, owner: string, namespace: string, prefix = ''): string {
  const why = prefix === '' ? '' : ` Names that begin with "${prefix}" are those of this installation.`;
  const whose = owner === PLATFORM ? 'platform itself' : `namespace "${owner}"`;
  return `The topic ${name} of Kafka belongs to the ${whose}, and this Topic is in "${namespace}".${why} Take another name.`;
}
