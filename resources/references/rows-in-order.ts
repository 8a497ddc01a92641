// Rows that depend on the order of their events, over Topics that keep none: a warning.
import type { Resource, ResourceProblem } from '../resource.ts';
import { type Check, problemAt } from './check.ts';

/** Each event has a row of its own. */
const BY_ID = /^\$\{\s*event\.id\s*\}$/;
/** A Topic without `key` goes by these. */
const BY_PUBLISHERS = /^\$\{\s*event\.(subject|partitionkey)\s*\}$/;
const BY_ORDER = /^(first|last)\(/;

interface OrderedRow {
  readonly what: 'row' | 'member' | 'document';
  readonly key: string;
  /** A sentence about the effect of another order. */
  readonly why: string;
  /** Several Topics may each give a part of it. */
  readonly isInParts?: boolean;
}

export const rowsInOrder: Check = ({ resources }) =>
  resources.ofKind('View').flatMap(view => {
    const ordered = orderedRowOf(view);
    if (ordered === undefined || BY_ID.test(ordered.key)) return [];
    const { from } = view.spec;
    if (from.length > 1 && !ordered.isInParts) return [ofSeveralTopics(view, ordered)];
    if (BY_PUBLISHERS.test(ordered.key)) return [];
    return from.flatMap((name, index): ResourceProblem[] => {
      const topic = resources.get('Topic', view.metadata.namespace, name);
      return topic === undefined || keepsOrder(topic) ? [] : [ofTopicWithoutKey(view, ordered, name, index)];
    });
  });

/** Undefined where its events give the same rows in any order. */
function orderedRowOf({ spec }: Resource<'View'>): OrderedRow | undefined {
  const { table, search, ranking, aggregate } = spec;
  const why = 'The last one decides.';
  if (table) return { what: 'row', key: table.key, why, isInParts: table.merge && table.delete === undefined };
  if (search) return { what: 'document', key: search.id, why };
  if (ranking?.mode === 'last' || ranking?.delete !== undefined) return { what: 'member', key: ranking.member, why };
  const [name] = Object.entries(aggregate?.values ?? {}).find(([, call]) => BY_ORDER.test(call)) ?? [];
  if (aggregate === undefined || name === undefined) return undefined;
  return { what: 'row', key: aggregate.by, why: `Their order decides "values.${name}".` };
}

function keepsOrder({ spec }: Resource<'Topic'>): boolean {
  return spec.key !== undefined || spec.external || spec.partitions === 1;
}

function ofSeveralTopics(view: Resource<'View'>, { what, why }: OrderedRow): ResourceProblem {
  const message = `Events of different Topics come in any order, and in another one after a rebuild. Two of them may be about one ${what}. ${why} Publish all events of one ${what} to one Topic with a key, and tell them apart by "event.type".`;
  return problemAt(view, ['spec', 'from'], { severity: 'warning', message });
}

function ofTopicWithoutKey(
  view: Resource<'View'>,
  { what, key, why }: OrderedRow,
  topic: string,
  index: number,
): ResourceProblem {
  const message = `Topic ${topic} has no "key", so two events of one ${what} can come in either order, and in another one after a rebuild. ${why} Give the Topic a key that all events of one ${what} share, such as "\${event.subject}" where every publisher sets the subject.`;
  // A Function that changes the events first makes the keys, and nobody knows them here.
  const expected = view.spec.project ? undefined : `key: "${key}" in Topic ${topic}`;
  return problemAt(view, ['spec', 'from', index], { severity: 'warning', message, expected });
}
