// `tenfold topics tail`: the last events of a topic, and with --follow each one as it comes.
import type { FollowQuery, TopicEvent } from '../../admin/topic-view.ts';
import { CommandError } from '../command-error.ts';
import type { ListFormat } from '../output/print-list.ts';
import { renderJson } from '../output/render.ts';
import type { AdminClient } from '../platform/admin-client.ts';
import type { TopicName } from '../platform/event-client.ts';
import { brokenOff, toLineError } from '../platform/failed-line.ts';
import { followAgain } from '../platform/follow-again.ts';
import type { Terminal } from '../terminal.ts';
import { eventLine, placeOf } from './event-columns.ts';
import { findTopic, type TopicRequest, toPlace } from './find-topic.ts';
import type { EventSelection } from './peek.ts';
import { addMissed, type Missed, missedNothing, sayMissed } from './scan-words.ts';

export interface TailRequest {
  readonly topic: TopicRequest;
  readonly from: string | undefined;
  /** How many of the last events. */
  readonly last: number | undefined;
  readonly select: EventSelection;
  readonly follow: boolean;
  readonly format: ListFormat;
  /** Ctrl-C. */
  readonly signal: AbortSignal;
}

type Client = Pick<AdminClient, 'topics' | 'followTopic'>;

const LAST = 10;

/** `connect` again after the platform was away: it may be another one then. */
export async function tailTopic(
  request: TailRequest,
  connect: () => Promise<Client>,
  terminal: Terminal,
): Promise<void> {
  const { topic, from, last, select, follow, format, signal } = request;
  if (format === 'yaml') throw new CommandError('usage', '-o yaml is for peek: tail prints line by line.');
  if (from !== undefined && last !== undefined) {
    throw new CommandError('usage', 'Both --from and --limit are given.', {
      hint: 'the first begins at a place, the second with the last events: leave out one of them.',
    });
  }
  const place = toPlace(from);
  const begin = place === undefined ? { last: last ?? LAST } : { from: place };
  let client: Client | undefined = await connect();
  const name = await findTopic(topic, client);
  const tail = new Tail(format, terminal);
  const read = async (heard: () => void) => {
    const connected = client ?? (await connect());
    client = undefined;
    const query = { ...select, follow, ...(tail.position === undefined ? begin : { from: tail.position }) };
    await tail.follow(connected, name, query, signal, heard);
  };
  // Without a position events could come twice, or never.
  const canGoOn = () => follow && tail.position !== undefined;
  await followAgain({ read, canGoOn }, { terminal, signal });
}

class Tail {
  /** A new answer goes on from here after the last one was broken off. */
  position: string | undefined;
  readonly #format: ListFormat;
  readonly #terminal: Terminal;
  readonly #missed: Missed = missedNothing();
  /** By partition: the newest that was printed while following. */
  readonly #printed = new Map<number, number>();

  constructor(format: ListFormat, terminal: Terminal) {
    this.#format = format;
    this.#terminal = terminal;
  }

  async follow(
    client: Pick<AdminClient, 'followTopic'>,
    topic: TopicName,
    query: FollowQuery,
    signal: AbortSignal,
    heard: () => void,
  ): Promise<void> {
    const terminal = this.#terminal;
    // The position may lie before the newest that were printed.
    const before = new Map(this.#printed);
    for await (const line of client.followTopic(topic, query, signal)) {
      if (signal.aborted) return;
      if (line.kind === 'failed') throw toLineError(line);
      heard();
      if (line.kind === 'event') {
        const { partition, offset } = line.event;
        if (offset <= (before.get(partition) ?? -1)) continue;
        await terminal.write(`${this.#text(line.event)}\n`);
        if (this.position !== undefined) this.#printed.set(partition, offset);
      } else if (line.kind === 'incomplete') {
        terminal.say(
          `The search ended after ${line.scanned} events, and found ${line.found}. Begin earlier with --from.`,
        );
      } else {
        this.position = line.position;
        addMissed(this.#missed, line);
        sayMissed(this.#missed, terminal);
        Object.assign(this.#missed, missedNothing());
        if (line.kind === 'done') return;
      }
    }
    if (!signal.aborted) throw brokenOff('there are more events');
  }

  #text(event: TopicEvent): string {
    const { out, columns } = this.#terminal;
    const wide = this.#format === 'wide';
    if (this.#format === 'json') return renderJson(event);
    if (this.#format === 'name') return placeOf(event);
    return eventLine(event, out, { wide, width: wide ? undefined : columns });
  }
}
