// Words and ways of the catalogue of Topics.
import type { TopicEntry, TopicProducer } from '../../../admin/catalogue/catalogue-view.ts';
import { linkTo } from '../../shell/router.ts';

export const compatibilityWords: Readonly<Record<TopicEntry['compatibility'], string>> = {
  none: 'nobody checks what its readers need',
  backward: 'readers of the new schema can read older events',
  forward: 'readers of the older schema can read new events',
  full: 'readers of either schema can read all events',
};

export function linkOfTopic({ namespace, name }: Pick<TopicEntry, 'namespace' | 'name'>): string {
  return linkTo(['topics', namespace, name]);
}

/** A schedule is one of the Topic itself. */
export function linkOfProducer(topic: Pick<TopicEntry, 'namespace' | 'name'>, producer: TopicProducer): string {
  const { kind, namespace, name } = producer;
  if (kind !== 'Schedule') return linkTo(['resources', kind, namespace, name]);
  return linkTo(['schedules', 'Topic', topic.namespace, topic.name, name]);
}

export interface Led {
  readonly words: string;
  readonly href: string | undefined;
}

/** `key`: `Function/shop/ship`, or `Url//https://wall.example.com/orders`, which has no page. */
export function ledTo(key: string): Led {
  const [kind = '', namespace = '', ...rest] = key.split('/');
  const name = rest.join('/');
  if (namespace === '') return { words: name, href: undefined };
  const href = kind === 'Topic' ? linkOfTopic({ namespace, name }) : linkTo(['resources', kind, namespace, name]);
  return { words: `${kind} ${name}`, href };
}
