// Parked events of all consumers, for the admin API. They are read from the log, whichever process
// owns the partitions.
import type { ConsumerName } from '../../../admin/consumer-name.ts';
import type {
  ParkedCommand,
  ParkedControl,
  ParkedKey,
  ParkedPage,
  ParkedProgress,
  ParkedQuery,
  UnreadPartition,
} from '../../../admin/parked-view.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { parkingLogTopicOf } from '../../../core/names.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { ParkingLogEntry } from '../../../worker/parking-log/fold-parking-log.ts';
import { type ParkedLane, parkedLanesOf } from '../../../worker/parking-log/parked-lanes.ts';
import { openParkedReaders, type ParkedReader } from '../../../worker/parking-log/parked-reader.ts';
import { decodeParkingLogRecord } from '../../../worker/parking-log/parking-log-codec.ts';
import type { ParkedControlOptions, ParkedOwner } from './parked-deps.ts';
import { createParkedRun } from './parked-run.ts';
import { matchesParked, parseParkedId, toParkedEvent, toParkedKey } from './parked-shown.ts';
import { toShownEvent } from './shown-event.ts';

export function createParkedControl(options: ParkedControlOptions): ParkedControl {
  return new LogParkedControl(options);
}

/** A place in the list, and the last key there that was listed. */
interface Cursor {
  readonly owner: number;
  readonly partition: number;
  readonly offset: number;
}

interface Found {
  readonly key: ParkedKey;
  readonly place: Cursor;
}

/** `owner`: its place in the list. */
type Unread = UnreadPartition & { readonly owner: number };

type Read =
  | { readonly partition: number; readonly lanes: readonly ParkedLane[] }
  | { readonly partition: number; readonly unread: string };

class LogParkedControl implements ParkedControl {
  readonly #options: ParkedControlOptions;
  /** One list at a time: each may hold the events of a whole partition. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: ParkedControlOptions) {
    this.#options = options;
  }

  list(query: ParkedQuery, signal?: AbortSignal): Promise<ParkedPage> {
    return this.#inTurn(() => this.#list(query, signal));
  }

  read(
    consumer: ConsumerName,
    id: string,
    page: { readonly limit: number; readonly after?: string },
    signal?: AbortSignal,
  ): ReturnType<ParkedControl['read']> {
    return this.#inTurn(async () => {
      const owner = await this.#ownerOf(consumer);
      const lane = await this.#laneOf(owner, id, signal);
      const { partition } = parseParkedId(id);
      const record = await this.#recordOf(owner, partition, lane.head);
      const after = page.after === undefined ? -1 : parseParkedId(page.after).offset;
      const rest = lane.entries.filter(({ event }) => event > after);
      const items = rest.slice(0, page.limit).map(entry => toParkedEvent(partition, entry));
      const last = items.at(-1);
      const next = last && rest.length > items.length ? { next: last.id } : {};
      return {
        ...toParkedKey(owner.name, partition, lane),
        ...toShownEvent(record, owner.mask?.()),
        waiting: { items, ...next },
      };
    });
  }

  async command(
    { consumer, ...command }: ParkedCommand,
    progress: (progress: ParkedProgress) => void,
    signal: AbortSignal,
  ): Promise<ParkedProgress> {
    const owner = await this.#ownerOf(consumer);
    const unread: UnreadPartition[] = [];
    const run = createParkedRun(this.#options, owner, command, { progress, signal });
    for (const reader of await this.#readersOf(owner)) {
      const { partition } = reader;
      if (!run.isAbout(partition)) continue;
      const read = await this.#inTurn(() => this.#readOne(owner, reader, signal));
      if ('lanes' in read) await run.of(reader, read.lanes);
      else {
        unread.push({ consumer, partition, message: read.unread });
        run.unread(partition, read.unread);
      }
    }
    return { ...run.end(), ...(unread.length === 0 ? {} : { unread }) };
  }

  async #list(
    { consumer, namespace, visible = () => true, limit, after, ...filter }: ParkedQuery,
    signal?: AbortSignal,
  ) {
    const owners = consumer
      ? [await this.#ownerOf(consumer)]
      : (await this.#options.owners()).filter(
          ({ name }) => visible(name.namespace) && (namespace === undefined || name.namespace === namespace),
        );
    const start = parseCursor(after);
    const found: Found[] = [];
    const unread: Unread[] = [];
    for (const [index, owner] of owners.entries()) {
      if (index < start.owner) continue;
      const from = index === start.owner ? start : { partition: 0, offset: -1 };
      for await (const read of this.#partitionsOf(owner, from.partition, signal)) {
        const { partition } = read;
        if ('unread' in read) unread.push({ owner: index, consumer: owner.name, partition, message: read.unread });
        for (const lane of 'lanes' in read ? read.lanes : []) {
          const offset = lane.head.event;
          if (partition === from.partition && offset <= from.offset) continue;
          if (!matchesParked(lane.head, filter, this.#options.world.now())) continue;
          found.push({ key: toParkedKey(owner.name, partition, lane), place: { owner: index, partition, offset } });
          // One beyond the page tells that there are more.
          if (found.length > limit) return toPage(found.slice(0, limit), unread, found[limit - 1]?.place);
        }
      }
    }
    return toPage(found, unread);
  }

  async *#partitionsOf(owner: ParkedOwner, first: number, signal: AbortSignal | undefined): AsyncGenerator<Read> {
    for (const reader of await this.#readersOf(owner))
      if (reader.partition >= first) yield await this.#readOne(owner, reader, signal);
  }

  async #readOne(owner: ParkedOwner, reader: ParkedReader, signal: AbortSignal | undefined): Promise<Read> {
    const { partition } = reader;
    try {
      const { entries } = await reader.read(signal);
      return { partition, lanes: parkedLanesOf(owner.settings.order, entries.values()) };
    } catch (error) {
      // One partition does not hide all others.
      if (!(error instanceof TenfoldError) || !OF_ONE_PARTITION.has(error.code)) throw error;
      return { partition, unread: error.message };
    }
  }

  async #laneOf(owner: ParkedOwner, id: string, signal: AbortSignal | undefined): Promise<ParkedLane> {
    const { partition, offset } = parseParkedId(id);
    const reader = (await this.#readersOf(owner))[partition];
    const entries = reader === undefined ? [] : (await reader.read(signal)).entries.values();
    const lane = parkedLanesOf(owner.settings.order, entries).find(({ entries }) =>
      entries.some(({ event }) => event === offset),
    );
    if (lane !== undefined) return lane;
    const { kind, name } = owner.name;
    throw new TenfoldError(
      'not-found',
      `${kind} "${name}" has no parked event ${id}: it was handled, was given up, or never was parked.`,
    );
  }

  /** The event itself, which lists do not keep. */
  async #recordOf({ settings }: ParkedOwner, partition: number, { event, mark }: ParkingLogEntry): Promise<LogRecord> {
    const topic = parkingLogTopicOf(settings.group);
    const { records } = await this.#options.log.read(topic, partition, mark.offset, { maxRecords: 1, maxBytes: 1 });
    const [stored] = records;
    const decoded = stored?.offset === mark.offset ? decodeParkingLogRecord(stored) : undefined;
    if (decoded !== undefined && 'record' in decoded && decoded.record) return decoded.record;
    throw new TenfoldError('gone', `Event ${partition}-${event} was moved while it was read. Ask again.`);
  }

  #readersOf({ settings: { group, topic } }: ParkedOwner): Promise<readonly ParkedReader[]> {
    return openParkedReaders(
      this.#options.log,
      { group, topic, parkingLog: parkingLogTopicOf(group) },
      this.#options.most,
    );
  }

  async #ownerOf({ kind, namespace, name }: ConsumerName): Promise<ParkedOwner> {
    const owners = await this.#options.owners();
    const found = owners.find(
      ({ name: each }) => each.kind === kind && each.namespace === namespace && each.name === name,
    );
    if (found) return found;
    const others = owners.filter(({ name: each }) => each.kind === kind && each.namespace === namespace);
    const known = others.slice(0, MOST_NAMED).map(({ name: each }) => each.name);
    const rest = others.length > known.length ? ` and ${others.length - known.length} more` : '';
    const there = known.length === 0 ? '' : ` There are: ${known.join(', ')}${rest}.`;
    const message = `There is no ${kind} "${name}" in namespace "${namespace}" that parks events.${there}`;
    throw new TenfoldError('not-found', message);
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(act, act);
    this.#turn = turn.catch(() => {});
    return turn;
  }
}

/** Names in a message. */
const MOST_NAMED = 10;

/** `next`: the place of the last item, where there are more behind it. */
function toPage(items: readonly Found[], unread: readonly Unread[], next?: Cursor): ParkedPage {
  // The page that goes on there comes upon partitions behind it again, and names them.
  const named = unread.filter(
    ({ owner, partition }) =>
      next === undefined || owner < next.owner || (owner === next.owner && partition < next.partition),
  );
  return {
    items: items.map(({ key }) => key),
    ...(next === undefined ? {} : { next: formatCursor(next) }),
    ...(named.length === 0 ? {} : { unread: named.map(({ owner: _, ...rest }) => rest) }),
  };
}

const OF_ONE_PARTITION: ReadonlySet<string> = new Set(['later-release', 'query-too-large', 'data-corrupt']);

function formatCursor({ owner, partition, offset }: Cursor): string {
  return `${owner}:${partition}:${offset}`;
}

function parseCursor(after: string | undefined): Cursor {
  if (after === undefined) return { owner: 0, partition: 0, offset: -1 };
  const [, owner, partition, offset] = /^(\d{1,9}):(\d{1,9}):(\d{1,16})$/.exec(after) ?? [];
  if (offset === undefined) throw new TenfoldError('bad-request', 'That is no place in a list of parked keys.');
  return { owner: Number(owner), partition: Number(partition), offset: Number(offset) };
}
