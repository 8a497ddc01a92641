// Gathers what has failed, of one consumer or of all: dead letters by their cause, and parked keys
// by the error of their newest attempt.
import type { DeadLetterGroup, DeadLetterGroupPage } from '../../../admin/commands/dead-letter-view.ts';
import type { ParkedPage } from '../../../admin/parked-view.ts';
import { counted } from '../../../core/units/counted.ts';
import { isItOrPartOf } from '../../../resources/part-of.ts';
import { ask } from '../../api/ask.ts';
import { endpoints } from '../../api/endpoints.ts';
import { namedWords } from '../../parts/words.ts';
import { type NamedConsumer, partsOf } from '../consumer.ts';
import { groupsOf, type ParkedGroup } from './parked-groups.ts';

/** Consumers whose groups are asked for; the page names the number of the others. */
const MOST_CONSUMERS = 12;
const MOST_GROUPS = 20;
const MOST_KEYS = 500;

export interface FailureFilter {
  readonly consumer: NamedConsumer | undefined;
  readonly text: string | undefined;
  readonly newerThan: string | undefined;
}

export interface LetterGroup extends DeadLetterGroup {
  readonly consumer: NamedConsumer;
}

export interface Failures {
  /** The consumers that have failures. */
  readonly consumers: readonly NamedConsumer[];
  readonly letters: readonly LetterGroup[];
  readonly parked: readonly ParkedGroup[];
  /** The tables lack this: one sentence each. */
  readonly notes: readonly string[];
}

export async function loadFailures(filter: FailureFilter, signal: AbortSignal): Promise<Failures> {
  const { consumer, text, newerThan } = filter;
  const { items: owners } = await ask(endpoints.deadLetterOwners, { params: {} }, signal);
  const isMeant = (each: NamedConsumer) => consumer === undefined || isItOrPartOf(each, consumer);
  const failing = owners
    .filter(each => each.deadLetters > 0 && isMeant(each))
    .toSorted((one, other) => other.deadLetters - one.deadLetters);
  const asked = failing.slice(0, MOST_CONSUMERS);
  const limit = String(MOST_GROUPS);
  const parkedQuery = { ...parkedOwnerOf(consumer), text, newerThan, limit: String(MOST_KEYS) };
  const [pages, [parked]] = await Promise.all([
    Promise.allSettled(
      asked.map(each =>
        ask(endpoints.deadLetterGroups, { params: {}, query: { ...partsOf(each), text, newerThan, limit } }, signal),
      ),
    ),
    Promise.allSettled([ask(endpoints.parkedSeen, { params: {}, query: parkedQuery }, signal)]),
  ]);
  const refused = [...pages, parked].filter(({ status }) => status === 'rejected');
  if (refused.length === pages.length + 1 && parked.status === 'rejected') throw parked.reason;
  const letters = pages.flatMap((page, index) => {
    const named = asked[index];
    return named === undefined ? [] : [{ consumer: partsOf(named), page }];
  });
  const groups = letters.flatMap(({ consumer, page }) =>
    page.status === 'fulfilled' ? page.value.items.map(item => ({ ...item, consumer })) : [],
  );
  const notes = [
    ...(failing.length > asked.length
      ? [`Dead letters of ${failing.length - asked.length} more consumers are not in this table. Choose one of them.`]
      : []),
    ...letters.flatMap(({ consumer, page }) => notesOfLetters(namedWords(consumer), page)),
    ...notesOfParked(parked, isMeant),
  ];
  const keys = parked.status === 'fulfilled' ? parked.value.items : [];
  const named = [...owners.filter(({ deadLetters }) => deadLetters > 0), ...keys.map(key => key.consumer)];
  return {
    consumers: [...new Map(named.map(each => [JSON.stringify(partsOf(each)), partsOf(each)])).values()],
    letters: groups.toSorted((one, other) => other.count - one.count),
    parked: groupsOf(keys.filter(key => isMeant(key.consumer))),
    notes,
  };
}

/** Parts park by names of their own, so their whole is not asked for, but its namespace is. */
function parkedOwnerOf(consumer: NamedConsumer | undefined): Partial<NamedConsumer> {
  if (consumer === undefined || consumer.kind === 'Subscription' || consumer.kind === 'Queue') return { ...consumer };
  return { namespace: consumer.namespace };
}

function notesOfLetters(name: string, page: PromiseSettledResult<DeadLetterGroupPage>): readonly string[] {
  if (page.status === 'rejected') return [`Dead letters of ${name} could not be read: ${wordsOf(page.reason)}`];
  const { more, later, omitted } = page.value;
  return [
    ...(more
      ? [`${counted(more.groups, 'smaller group')} of ${name} with ${more.letters} dead letters are not in this table.`]
      : []),
    ...(later
      ? [`A later release has written ${later} more dead letters of ${name}, which this one cannot read.`]
      : []),
    ...(omitted ? [`${omitted} older dead letters of ${name} are beyond what a list reaches.`] : []),
  ];
}

function notesOfParked(
  page: PromiseSettledResult<ParkedPage>,
  isMeant: (consumer: NamedConsumer) => boolean,
): readonly string[] {
  if (page.status === 'rejected') return [`Parked events could not be read: ${wordsOf(page.reason)}`];
  const { next, unread = [] } = page.value;
  return [
    ...(next
      ? [`Only the first ${MOST_KEYS} parked keys were looked at. The command "tenfold parked list" has the rest.`]
      : []),
    ...unread
      .filter(({ consumer }) => isMeant(consumer))
      .map(
        ({ consumer, partition, message }) =>
          `Partition ${partition} of ${namedWords(consumer)} could not be read: ${message}`,
      ),
  ];
}

function wordsOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}
