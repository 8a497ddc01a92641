// Keeps the index of a topic's events: reads the topic as a group, writes a block after the other,
// and moves on when a block is durable. A crash repeats at most one block of each partition.
import { TenfoldError } from '../../core/errors.ts';
import type { World } from '../../core/world.ts';
import type { KeptEventIndex } from '../../drivers/event-index/event-index.ts';
import { addHashes, noHashes } from '../../drivers/event-index/record-hashes.ts';
import type { EventLog, LogRecord } from '../../drivers/event-log/event-log.ts';
import { readAhead } from '../fold/read-ahead.ts';
import { type Stage, type StageObserver, type StageWork, startStage } from '../fold/stage.ts';

export interface IndexTopicOptions {
  readonly world: World;
  readonly log: Pick<EventLog, 'bounds' | 'join'>;
  readonly index: Pick<KeptEventIndex, 'open' | 'write'>;
  readonly group: string;
  /** In the log. */
  readonly topic: string;
  readonly observer: StageObserver;
}

/**
 * A block ends with the record that brings it to one of these. A field of a document has at most
 * 1,000 values, and a record may belong to two traces.
 */
const BLOCK_RECORDS = 500;
const BLOCK_BYTES = 1 << 20;
const LIMITS = { maxRecords: BLOCK_RECORDS, maxBytes: BLOCK_BYTES };

/** Rejects when the topic or the index is not there yet. */
export async function indexTopic(options: IndexTopicOptions): Promise<Stage> {
  const { world, log, index, group, topic, observer } = options;
  if ((await log.bounds(topic)) === undefined)
    throw new TenfoldError('not-found', `There is no topic ${topic} in the log yet, so its events are not indexed.`);
  await index.open(topic);
  return startStage({ world, log, group, topic, observer, work: work => indexPartition(options, work) });
}

async function indexPartition({ index, topic, observer }: IndexTopicOptions, work: StageWork): Promise<never> {
  const { owned, state, totals, signal } = work;
  const mark = await index.open(topic);
  const committed = await owned.committed();
  // A position for an index that is gone says nothing about this one.
  const from = committed?.metadata === mark ? committed.offset : undefined;
  state.position = from ?? 0;
  const keep = async ({ start, records, hashes }: OpenBlock, end: number) => {
    await index.write({ topic, partition: owned.partition, start: start ?? end, end, hashes });
    signal.throwIfAborted();
    if ((await index.open(topic)) !== mark) throw new Error(`The index of ${topic} was deleted while it was written.`);
    await owned.commit({ offset: end, metadata: mark });
    state.position = end;
    state.trouble = undefined;
    totals.handled += records;
  };
  let block = newBlock(from);
  for await (const { records } of readAhead(work, topic, from, observer, LIMITS)) {
    signal.throwIfAborted();
    for (const record of records) {
      add(block, record);
      if (block.records < BLOCK_RECORDS && block.bytes < BLOCK_BYTES) continue;
      const end = record.offset + 1;
      await keep(block, end);
      block = newBlock(end);
    }
    state.newestMs = records.at(-1)?.timestamp ?? state.newestMs;
  }
  throw new Error('A partition never ends.');
}

interface OpenBlock {
  /** Undefined before the first record, where nothing was committed. */
  start: number | undefined;
  records: number;
  bytes: number;
  readonly hashes: ReturnType<typeof noHashes>;
}

function newBlock(start: number | undefined): OpenBlock {
  return { start, records: 0, bytes: 0, hashes: noHashes() };
}

function add(block: OpenBlock, record: LogRecord): void {
  block.start ??= record.offset;
  block.records++;
  block.bytes += record.value.byteLength;
  addHashes(block.hashes, record);
}
