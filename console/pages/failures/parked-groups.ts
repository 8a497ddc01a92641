// Groups parked keys by the error of their newest attempt.
import type { ParkedKey } from '../../../admin/parked-view.ts';
import { causeWords } from '../../parts/words.ts';
import { type NamedConsumer, partsOf } from '../consumer.ts';

/** Characters of a cause in an address. */
const MOST_TEXT = 200;

/** Parked keys of one consumer whose heads failed for the same reason. */
export interface ParkedGroup {
  readonly consumer: NamedConsumer;
  readonly cause: string;
  readonly reason: string | undefined;
  /** By this the list of them is asked for. */
  readonly text: string | undefined;
  readonly isHeld: boolean;
  readonly keys: number;
  readonly events: number;
  /** RFC 3339: the head that failed first. */
  readonly since: string;
  readonly nextAttemptAt: string | undefined;
}

/**
 * The address of the list of a group. `choose` says that an action takes chosen rows only, as no
 * filter names the group alone.
 */
export function parkedQuery(
  { consumer, reason, text, isHeld }: Pick<ParkedGroup, 'consumer' | 'reason' | 'text' | 'isHeld'>,
  newerThan: string | undefined,
): Readonly<Record<string, string | undefined>> {
  const { kind, namespace, name } = consumer;
  return { kind, namespace, name, reason, text, newerThan, choose: isHeld || !text ? 'rows' : undefined };
}

export function groupsOf(keys: readonly ParkedKey[]): ParkedGroup[] {
  const byCause = Map.groupBy(keys, ({ consumer: { kind, namespace, name }, state, reason, ...head }) =>
    JSON.stringify([kind, namespace, name, state === 'held', reason, causeWords(head)]),
  );
  const groups = [...byCause.values()].flatMap(same => {
    const [first] = same;
    if (first === undefined) return [];
    const cause = causeWords(first) || 'No attempt has failed yet: it waits for its time or its turn.';
    return [
      {
        consumer: partsOf(first.consumer),
        cause,
        reason: first.reason,
        text: (first.cause?.message ?? first.error)?.slice(0, MOST_TEXT),
        isHeld: first.state === 'held',
        keys: same.length,
        events: same.reduce((sum, { events }) => sum + events, 0),
        since: same.map(({ since }) => since).toSorted()[0] ?? first.since,
        nextAttemptAt: same.flatMap(({ nextAttemptAt: at }) => (at === undefined ? [] : [at])).toSorted()[0],
      },
    ];
  });
  return groups.toSorted((one, other) => other.events - one.events);
}
