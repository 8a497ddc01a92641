// Writes the events of an internal topic into a table of a database, with the position in the same
// transaction. So a crash or a second owner makes no event count twice.
import { exactFromRecord } from '../../core/cloudevents/record.ts';
import { TenfoldError } from '../../core/errors.ts';
import type { World } from '../../core/world.ts';
import type { EventLog, LogRecord, ReadBatch } from '../../drivers/event-log/event-log.ts';
import type { Change } from '../../drivers/store/changes.ts';
import type { RefusedOrder, RowOrder, TableSink, Taken } from '../../drivers/table-sink/table-sink.ts';
import { clockOf } from '../fold/clock-record.ts';
import { LogPosition } from '../fold/log-position.ts';
import { type Operator, startOperator } from '../fold/operator.ts';
import { isPoison } from '../fold/poison.ts';
import { Seen, seenChanges } from '../fold/seen.ts';
import { SeenApart } from '../fold/seen-apart.ts';
import { markOf, type SourceMark } from '../fold/source-mark.ts';
import type { Stage, StageObserver, StageWork } from '../fold/stage.ts';
import { createRowMaker, type TableSpec } from './table-rows.ts';

export interface TableStageSettings {
  /** Topic and group have the same name. */
  readonly topic: string;
  readonly spec: TableSpec;
  /** True where marks of one source may come in another order. */
  readonly unordered: boolean;
  /** Sets a record aside. Resolves once that is durable; called at least once for each. */
  refused(partition: number, record: LogRecord, error: unknown): Promise<void>;
}

export interface TableStageOptions {
  readonly world: World;
  readonly log: EventLog;
  /** The same one for all partitions, whenever it is asked. */
  sink(): Promise<TableSink>;
  readonly settings: TableStageSettings;
  readonly observer: StageObserver;
}

const SUPERSEDED = 'Another process has taken over the table, or the database has lost its newest rows.';
const READ_BYTES = 4 << 20;
const COMMIT_EVERY_MS = 1_000;
/** How soon the stage notices while no events come that it is superseded, or the database away. */
const CHECK_EVERY_MS = 5_000;

export function startTableStage(options: TableStageOptions): Promise<Stage> {
  const { world, log, settings, observer } = options;
  const { topic, spec } = settings;
  const limits = { maxRecords: spec.batch, maxBytes: READ_BYTES };
  return startOperator({ world, log, group: topic, topic, observer, limits, start: work => start(options, work) });
}

async function start(options: TableStageOptions, work: StageWork): Promise<Operator> {
  const sink = await options.sink();
  const taken = await sink.take(work.owned.partition);
  work.signal.throwIfAborted();
  work.state.trouble = undefined;
  const rows = [...taken.noted].map(([key, value]) => {
    return { key, value: Buffer.from(value), version: '', position: '' };
  });
  const noted = { scan: async () => ({ rows, next: undefined }) };
  const seen = await (options.settings.unordered ? SeenApart : Seen).load(noted, '');
  return new PartitionTable(options, work, sink, taken, seen);
}

class PartitionTable implements Operator {
  readonly from: number | undefined;
  readonly #options: TableStageOptions;
  readonly #work: StageWork;
  readonly #sink: TableSink;
  readonly #taken: Taken;
  readonly #seen: Seen | SeenApart;
  readonly #logPosition: LogPosition;
  readonly #toRow: ReturnType<typeof createRowMaker>;
  #position: number | undefined;

  constructor(options: TableStageOptions, work: StageWork, sink: TableSink, taken: Taken, seen: Seen | SeenApart) {
    const { world, observer, settings } = options;
    this.from = taken.position;
    this.#options = options;
    this.#work = work;
    this.#sink = sink;
    this.#taken = taken;
    this.#seen = seen;
    this.#position = taken.position;
    this.#toRow = createRowMaker(settings.spec);
    // Another database has none, and the log still has that of the former one.
    const stored = taken.position ?? 0;
    this.#logPosition = new LogPosition({ world, observer, work, stored, everyMs: COMMIT_EVERY_MS });
  }

  patienceMs(): number {
    return CHECK_EVERY_MS;
  }

  async records({ records, next }: ReadBatch): Promise<string | undefined> {
    const { state, totals, signal } = this.#work;
    const marks: SourceMark[] = [];
    const orders: RowOrder[] = [];
    const ordered: LogRecord[] = [];
    const refused: (readonly [LogRecord, unknown])[] = [];
    for (const record of records) {
      const mark = this.#take(record);
      if (mark === undefined) continue;
      marks.push(mark);
      try {
        orders.push(this.#toRow(exactFromRecord(record)));
        ordered.push(record);
      } catch (error) {
        if (!isPoison(error)) throw error;
        refused.push([record, error]);
      }
    }
    for (const [record, error] of refused) await this.#refuse(record, error);
    signal.throwIfAborted();
    const setAside = async (list: readonly RefusedOrder[]) => {
      for (const { index, message } of list) {
        const record = ordered[index];
        if (record) await this.#refuse(record, new TenfoldError('invalid-input', message));
      }
      signal.throwIfAborted();
    };
    const noted = this.#notedBy(marks);
    const step = { claim: this.#taken, after: this.#position, upTo: next, noted, orders };
    if (!(await this.#sink.write(step, setAside))) return SUPERSEDED;
    this.#position = next;
    totals.handled += marks.length;
    state.position = next;
    state.newestMs = records.at(-1)?.timestamp ?? state.newestMs;
    state.trouble = undefined;
    this.#logPosition.follow(next);
    return undefined;
  }

  async idle(): Promise<string | undefined> {
    if (!(await this.#sink.holds(this.#taken, this.#position))) return SUPERSEDED;
    this.#logPosition.catchUp();
    return undefined;
  }

  /** Undefined for a record that makes no row: one of our clocks, or one that came before. */
  #take(record: LogRecord): SourceMark | undefined {
    const seen = this.#seen;
    const clock = clockOf(record);
    if (clock) {
      if (seen instanceof SeenApart) seen.settle(clock.feeder, clock.source, clock.upTo);
      return undefined;
    }
    const mark = markOf(record);
    if (mark !== undefined && seen.take(mark)) return mark;
    this.#work.totals.repeated++;
    return undefined;
  }

  #notedBy(marks: readonly SourceMark[]): ReadonlyMap<string, string> {
    const changes = this.#seen instanceof SeenApart ? this.#seen.changes() : seenChanges(marks);
    return new Map(changes.flatMap(toNoted));
  }

  async #refuse(record: LogRecord, error: unknown): Promise<void> {
    const { settings, observer } = this.#options;
    const { owned, totals } = this.#work;
    await settings.refused(owned.partition, record, error);
    totals.refused++;
    observer.refused(owned.partition, record, error);
  }
}

function toNoted(change: Change): (readonly [string, string])[] {
  return change.kind === 'put-row' ? [[change.key, Buffer.from(change.value).toString()]] : [];
}
