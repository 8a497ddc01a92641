// `tenfold topics peek`: the first events from a place on that are asked for.
import type { TopicEvent, TopicEventPage } from '../../admin/topic-view.ts';
import { exitCodes } from '../exit-codes.ts';
import { type ListFormat, printList } from '../output/print-list.ts';
import { createProgress } from '../output/progress.ts';
import type { AdminClient } from '../platform/admin-client.ts';
import type { Terminal } from '../terminal.ts';
import { placeOf, topicEventColumns } from './event-columns.ts';
import { findTopic, type TopicRequest, toPlace } from './find-topic.ts';
import { addMissed, missedNothing, sayMissed } from './scan-words.ts';

export interface EventSelection {
  readonly filter: string | undefined;
  readonly key: string | undefined;
  readonly id: string | undefined;
  readonly partition: number | undefined;
  readonly dataBytes: number | undefined;
}

export interface PeekRequest {
  readonly topic: TopicRequest;
  readonly from: string | undefined;
  readonly select: EventSelection;
  readonly limit: number;
  readonly format: ListFormat;
  /** Ctrl-C. */
  readonly signal: AbortSignal;
}

/** Most events of one page of the admin API. */
const PAGE = 1000;

export async function peekTopic(
  { topic, from, select, limit, format, signal }: PeekRequest,
  client: Pick<AdminClient, 'topics' | 'topicEvents'>,
  terminal: Terminal,
): Promise<void> {
  const place = toPlace(from);
  const name = await findTopic(topic, client);
  const { filter, key, id } = select;
  const conditions = { filter, key, id, dataBytes: select.dataBytes?.toString() };
  const progress = terminal.talkColumns === undefined ? undefined : createProgress('events searched', terminal);
  const items: TopicEvent[] = [];
  const missed = missedNothing();
  let page: TopicEventPage | undefined;
  let scanned = 0;
  try {
    do {
      const begin = page ? { after: page.next } : { from: place, partition: select.partition?.toString() };
      const room = String(Math.min(PAGE, limit - items.length));
      page = await client.topicEvents(name, { ...conditions, ...begin, limit: room }, signal);
      items.push(...page.items);
      addMissed(missed, page);
      scanned += page.scanned;
      progress?.update(page.progress.done, page.progress.total);
    } while (page.next !== undefined && items.length < limit && !signal.aborted);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    progress?.end();
  }
  const { next, position, progress: reached } = page ?? {};
  printList(
    {
      items,
      format,
      none: signal.aborted ? 'No such events so far.' : 'No such events.',
      more: { ...(next === undefined ? {} : { next }), position, scanned, progress: reached },
      nameOf: placeOf,
      columns: wide => topicEventColumns(terminal.out, wide),
    },
    terminal,
  );
  sayMissed(missed, terminal);
  const isEarly = next !== undefined || page === undefined;
  if (signal.aborted && isEarly) {
    terminal.exitCode = exitCodes.interrupted.code;
    const far = reached === undefined ? '' : ` after ${reached.done} of ${reached.total} events`;
    terminal.say(`Stopped${far}.${next === undefined ? '' : ` Go on with --from ${next}`}`);
  } else if (next !== undefined) {
    terminal.say(`There may be more: see further with --limit, or go on with --from ${next}`);
  }
}
