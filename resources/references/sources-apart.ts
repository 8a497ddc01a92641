// Two Topics with one outbox table would each get a part of its rows.
import type { Resource } from '../resource.ts';
import { type Check, problemAt } from './check.ts';

export const sourcesApart: Check = ({ resources }) => {
  const first = new Map<string, Resource<'Topic'>>();
  return resources.ofKind('Topic').flatMap(topic => {
    const { source } = topic.spec;
    if (source === undefined) return [];
    const { secret, table } = source.postgres;
    const key = `${topic.metadata.namespace}/${secret}/${table}`;
    const other = first.get(key);
    if (other === undefined) {
      first.set(key, topic);
      return [];
    }
    const message = `Topic "${other.metadata.name}" reads the table "${table}" already, and each row goes to one Topic. Let this one read another table, or a Subscription lead there by a filter.`;
    return [problemAt(topic, ['spec', 'source', 'postgres', 'table'], { message })];
  });
};
