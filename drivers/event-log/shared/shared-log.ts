// A log in which some topics are shared with programs that are not ours. Their records are read as
// events, our events are written so that they can read them, and their topics stay as they are.

import { STRUCTURED_TYPE } from '../../../core/cloudevents/media-type.ts';
import { toJsonText } from '../../../core/cloudevents/record.ts';
import { TenfoldError } from '../../../core/errors.ts';
import type { AppendedAt, EventLog, LogRecord, NewRecord, OwnedPartition, ReadBatch, Reader } from '../event-log.ts';
import { asEvent } from './as-event.ts';
import type { TopicSharing } from './topic-sharing.ts';

/** By name of the topic in the log. */
export type Sharings = ReadonlyMap<string, TopicSharing>;

export interface SharedLog extends EventLog {
  /**
   * Puts these in force beside those that were: what is under way when a topic is not shared any
   * more still belongs to others.
   */
  share(topics: Sharings): void;
  sharingOf(topic: string): TopicSharing | undefined;
}

export function createSharedLog(log: EventLog): SharedLog {
  const shared = new Map<string, TopicSharing>();
  /** By topic: calls whose records are being written; who comes later stands behind them. */
  const encoding = new Map<string, Promise<unknown>>();

  const assertOurs = (topic: string, what: string) => {
    if (shared.get(topic)?.external)
      throw new TenfoldError('conflict', `Topic ${topic} belongs to others ("external"), so it is not ${what} here.`);
  };

  const appendEncoded = async (
    topic: string,
    records: readonly NewRecord[],
    sharing: TopicSharing,
  ): Promise<readonly AppendedAt[]> => {
    const before = encoding.get(topic);
    // Nothing waits as long as nothing has to be waited for.
    const encoded = before === undefined ? encodeAll(records, sharing) : before.then(() => encodeAll(records, sharing));
    if (!(encoded instanceof Promise)) return log.append(topic, encoded);
    const handedOver = Promise.withResolvers<void>();
    encoding.set(topic, handedOver.promise);
    const done = () => {
      handedOver.resolve();
      if (encoding.get(topic) === handedOver.promise) encoding.delete(topic);
    };
    return encoded.then(
      ready => {
        const appended = log.append(topic, ready);
        done();
        return appended;
      },
      (error: unknown) => {
        done();
        throw error;
      },
    );
  };

  return {
    ...log,
    share(topics) {
      for (const [name, sharing] of topics) shared.set(name, sharing);
    },
    sharingOf: topic => shared.get(topic),
    async ensureTopic(name, settings) {
      assertOurs(name, 'made or changed');
      return log.ensureTopic(name, settings);
    },
    async deleteTopic(name) {
      assertOurs(name, 'deleted');
      return log.deleteTopic(name);
    },
    async trim(topic, partition, before) {
      assertOurs(topic, 'trimmed');
      return log.trim(topic, partition, before);
    },
    // Not async: nearly all appends are to topics that nobody shares, and
    // each would wait a turn more.
    append(topic, records) {
      const sharing = shared.get(topic);
      if (!sharing || (sharing.codec === undefined && sharing.contentMode === 'binary'))
        return log.append(topic, records);
      return appendEncoded(topic, records, sharing);
    },
    async read(topic, partition, from, limits) {
      const batch = await log.read(topic, partition, from, limits);
      const sharing = shared.get(topic);
      return sharing && isRead(sharing) ? readAs(batch, partition, sharing) : batch;
    },
    join: options =>
      log.join({ ...options, assigned: partition => options.assigned(ownedOf(partition, topic => shared.get(topic))) }),
  };
}

function ownedOf(owned: OwnedPartition, sharingOf: (topic: string) => TopicSharing | undefined): OwnedPartition {
  return {
    partition: owned.partition,
    lost: owned.lost,
    committed: () => owned.committed(),
    commit: position => owned.commit(position),
    open(topic, from) {
      const reader = owned.open(topic, from);
      const sharing = sharingOf(topic);
      return sharing && isRead(sharing) ? readerOf(reader, owned.partition, sharing) : reader;
    },
  };
}

/**
 * Records that were read stay at hand until all of them could be decoded: an unavailable registry
 * must not cost records.
 */
function readerOf(reader: Reader, partition: number, sharing: TopicSharing): Reader {
  let held: ReadBatch | undefined;
  return {
    async next(limits, signal) {
      held ??= await reader.next(limits, signal);
      const batch = await readAs(held, partition, sharing);
      held = undefined;
      signal?.throwIfAborted();
      return batch;
    },
    close: () => reader.close(),
  };
}

const isRead = ({ external, codec }: TopicSharing) => external || codec !== undefined;

async function readAs(batch: ReadBatch, partition: number, sharing: TopicSharing): Promise<ReadBatch> {
  const records: LogRecord[] = [];
  for (const record of batch.records) {
    const decoded = sharing.codec === undefined ? record : sharing.codec.decode(record);
    const known = decoded instanceof Promise ? await decoded : decoded;
    records.push(asEvent(known, partition, sharing));
  }
  return { ...batch, records };
}

function encodeAll(
  records: readonly NewRecord[],
  { codec, contentMode }: TopicSharing,
): readonly NewRecord[] | Promise<readonly NewRecord[]> {
  if (codec === undefined) return contentMode === 'structured' ? records.map(toStructured) : records;
  const encoded = records.map(record => codec.encode(record));
  return encoded.some(each => each instanceof Promise) ? Promise.all(encoded) : (encoded as NewRecord[]);
}

const EVENT_HEADER = /^(?:ce_.*|content-type)$/;

/** Headers that are no attributes stay headers. */
function toStructured(record: NewRecord): NewRecord {
  const rest = Object.entries(record.headers).filter(([name]) => !EVENT_HEADER.test(name));
  return {
    ...record,
    value: Buffer.from(toJsonText(record)),
    headers: { ...Object.fromEntries(rest), 'content-type': `${STRUCTURED_TYPE}; charset=utf-8` },
  };
}
