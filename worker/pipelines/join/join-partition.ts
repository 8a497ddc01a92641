// The state of a join in one partition: events of both sides that wait for one another, results,
// and changes. All of it follows from the records alone.
import type { CloudEvent } from '../../../core/cloudevents/cloud-event.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { formatDuration } from '../../../core/units/duration.ts';
import { DEPTH_HEADER, PLACE_HEADER, SOURCE_TIME_HEADER } from '../../../core/wire.ts';
import { toTimestamp, type World } from '../../../core/world.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { Change } from '../../../drivers/store/changes.ts';
import { MAX_PAGE } from '../../../drivers/store/limits.ts';
import type { Tables } from '../../../drivers/store/tables.ts';
import type { Clock } from '../../fold/clock-record.ts';
import type { FlowItem } from '../flow/item.ts';
import { readClockText, type SavedClock } from '../window/saved-clock.ts';
import { StageClock } from '../window/stage-clock.ts';
import type { StageState, TakenEvent } from '../window/stage-state.ts';
import { Watermark } from '../window/watermark.ts';
import type { Side } from './join-plan.ts';
import { JoinSet } from './join-set.ts';
import { type JoinInit, joinedItem } from './joined-item.ts';
import { decodeOpenEvent, encodeOpenEvent, inOrder, type OpenEvent } from './open-event.ts';

const EVENTS_TABLE = 'events';

/** Events of one key and side that wait at a time: so many results one event makes at most. */
const MAX_OF_KEY = 10_000;
/** Memory of the events that wait in one partition. */
const MAX_BYTES = 64 * 1024 * 1024;
/** Memory of an event beside its record. */
const EVENT_BYTES = 400;
/** A step ends with so many bytes: the store bounds them. */
const STEP_BYTES = 4 * 1024 * 1024;

const INHERITED = ['traceparent', 'tracestate', DEPTH_HEADER, SOURCE_TIME_HEADER] as const;

/** They differ in tests alone. */
export interface JoinBounds {
  readonly ofKey: number;
  readonly bytes: number;
}

export class JoinPartition implements StageState {
  readonly clock: StageClock;
  readonly watermark: Watermark;
  readonly results: FlowItem[] = [];
  readonly hasUnsent = false;
  readonly #init: JoinInit;
  readonly #bounds: JoinBounds;
  readonly #open = new JoinSet();
  readonly #unsaved: OpenEvent[] = [];
  readonly #removed: OpenEvent[] = [];
  #unsavedBytes = 0;
  /** Time when the next event is alone by silence; undefined: it has to be looked for. */
  #nextAlone: number | undefined;

  private constructor(
    init: JoinInit,
    sources: readonly number[],
    saved: SavedClock | undefined,
    world: Pick<World, 'now' | 'random'>,
    bounds: JoinBounds,
  ) {
    this.#init = init;
    this.#bounds = bounds;
    this.clock = new StageClock(saved, world);
    this.watermark = new Watermark(init.plan.disorder, sources, saved?.watermark);
  }

  /** `sources`: partitions of both Topics. Undefined when another owner has written meanwhile. */
  static async load(
    store: Pick<Tables, 'row' | 'scan'>,
    scope: string,
    init: JoinInit,
    sources: readonly number[],
    world: Pick<World, 'now' | 'random'>,
    bounds: JoinBounds = { ofKey: MAX_OF_KEY, bytes: MAX_BYTES },
  ): Promise<JoinPartition | undefined> {
    const before = await readClockText(store, scope);
    const saved: SavedClock | undefined = before === undefined ? undefined : JSON.parse(before);
    const partition = new JoinPartition(init, sources, saved, world, bounds);
    for (let after: string | undefined; ; ) {
      const page = await store.scan(scope, EVENTS_TABLE, { limit: MAX_PAGE, after });
      for (const { key, value } of page.rows) partition.#open.add(decodeOpenEvent(key, Buffer.from(value).toString()));
      after = page.next;
      if (after === undefined) break;
    }
    return (await readClockText(store, scope)) === before ? partition : undefined;
  }

  get joining(): number {
    return this.#open.size;
  }

  get unsaved(): number {
    if (this.#unsavedBytes >= STEP_BYTES) return Number.POSITIVE_INFINITY;
    return this.#unsaved.length + this.#removed.length + this.results.length;
  }

  take(found: TakenEvent, record: LogRecord): (() => Error) | undefined {
    const { plan } = this.#init;
    const { key, time } = found;
    const side: Side = found.topic === 0 ? 0 : 1;
    this.#assertJoins(found.event, side);
    this.clock.note(record);
    this.#nextAlone = undefined;
    if (this.watermark.saw(found.source, time)) this.#remove(record.offset);
    const byMs = this.watermark.value - time - plan.lateness;
    if (byMs > 0) return () => lateError(plan.topic, time, byMs);
    this.#assertFits(side, key, record);
    const open = toOpen(found, side, record);
    const others = this.#open.between(side === 0 ? 1 : 0, key, time - plan.within, time + plan.within);
    for (const other of others) {
      const pair = side === 0 ? ([open, other] as const) : ([other, open] as const);
      this.results.push(joinedItem(this.#init, pair, record.offset, open));
      if (this.#isReported(other.side) && other.company !== 'paired') this.#change(other, 'paired');
    }
    if (others.length > 0) open.company = 'paired';
    this.#open.add(open);
    this.#change(open, open.company);
    return undefined;
  }

  told(clock: Clock, isQuiet: boolean, record: LogRecord): void {
    this.clock.note(record);
    if (this.watermark.told(clock, isQuiet)) this.#remove(record.offset);
    const { silence } = this.watermark;
    if (clock.silentMs === undefined || silence === undefined || !this.wouldSay(silence)) return;
    const alone = [...this.#open].filter(open => this.#isAlone(open) && this.#goneAt(open.time) <= silence);
    // They wait on: where an event comes that belongs to one, the pair is reported as well.
    for (const open of alone.sort(inOrder)) {
      this.#reportAlone(open, record.offset);
      this.#change(open, 'said');
    }
    this.#nextAlone = undefined;
  }

  wouldSay(time: number): boolean {
    if (this.#init.plan.kind === 'inner') return false;
    if (this.#nextAlone === undefined) {
      this.#nextAlone = Number.POSITIVE_INFINITY;
      for (const open of this.#open)
        if (this.#isAlone(open)) this.#nextAlone = Math.min(this.#nextAlone, this.#goneAt(open.time));
    }
    return this.#nextAlone <= time;
  }

  isEarlyDue(): boolean {
    return false;
  }

  giveEarly(): void {}

  tick(): void {}

  sayTicked(): void {}

  flush(): void {}

  takeChanges(offset: number): { readonly changes: Change[]; readonly bytes: number } {
    const changes: Change[] = [];
    let bytes = 0;
    const gone = new Set(this.#removed);
    for (const open of this.#unsaved.splice(0)) {
      open.unsaved = false;
      if (gone.has(open)) continue;
      const value = encodeOpenEvent(open);
      bytes += Buffer.byteLength(value);
      changes.push({ kind: 'put-row', table: EVENTS_TABLE, key: open.row, value });
    }
    for (const { row } of this.#removed.splice(0)) changes.push({ kind: 'delete-row', table: EVENTS_TABLE, key: row });
    this.#unsavedBytes = 0;
    this.clock.offset = offset;
    changes.push(this.clock.change(this.watermark.save()));
    return { changes, bytes };
  }

  #assertJoins({ data }: CloudEvent, side: Side): void {
    const { topic, as } = this.#init.plan;
    if (data instanceof Uint8Array)
      throw new TenfoldError(
        'expression-failed',
        `Binary data cannot be joined with Topic ${topic}: they are no JSON.`,
      );
    if (side === 0 && (typeof data !== 'object' || data === null || Array.isArray(data)))
      throw new TenfoldError('expression-failed', `"${as}" cannot be added to data that are no object.`);
  }

  #assertFits(side: Side, key: string, record: LogRecord): void {
    const { ofKey, bytes } = this.#bounds;
    const { topic } = this.#init.plan;
    const next = 'Shorten "within" or "allowedLateness"; the dead letter keeps this event.';
    if (this.#open.count(side, key) >= ofKey) {
      const what = `${ofKey} events of the key ${JSON.stringify(key)} wait already in the join with Topic ${topic}`;
      throw new TenfoldError('invalid-input', `${what}, as many as may. ${next}`);
    }
    if (this.#open.bytes + bytesOf(record) > bytes) {
      const what = `The events that wait in this partition of the join with Topic ${topic} need ${bytes} bytes`;
      throw new TenfoldError('invalid-input', `${what}, as much as they may. ${next}`);
    }
  }

  /** Whether an event of the side is reported where it stays alone. */
  #isReported(side: Side): boolean {
    const { kind } = this.#init.plan;
    return kind === 'outer' || (kind === 'left' && side === 0);
  }

  #isAlone(open: OpenEvent): boolean {
    return open.company === 'alone' && this.#isReported(open.side);
  }

  /** Event time at which no event is to come that belongs to one of that time. */
  #goneAt(time: number): number {
    const { within, lateness } = this.#init.plan;
    return time + within + lateness + 1;
  }

  /** Time has gone on: events for which no other is to come any more are over. */
  #remove(offset: number): void {
    const over = this.#open.removeBefore(this.watermark.value - this.#goneAt(0) + 1);
    for (const open of over) {
      if (this.#isAlone(open)) this.#reportAlone(open, offset);
      this.#removed.push(open);
    }
  }

  #reportAlone(open: OpenEvent, offset: number): void {
    const pair = open.side === 0 ? ([open, undefined] as const) : ([undefined, open] as const);
    this.results.push(joinedItem(this.#init, pair, offset, undefined));
  }

  #change(open: OpenEvent, company: OpenEvent['company']): void {
    open.company = company;
    if (open.unsaved) return;
    open.unsaved = true;
    this.#unsaved.push(open);
    this.#unsavedBytes += open.bytes;
  }
}

function toOpen({ event, key, time, mark }: TakenEvent, side: Side, record: LogRecord): OpenEvent {
  const headers: Record<string, string> = {};
  for (const name of INHERITED) {
    const value = record.headers[name];
    if (value !== undefined) headers[name] = value;
  }
  const { partition = 0, offset = record.offset, index = 0 } = mark ?? {};
  const row = `${side} ${partition}-${offset}-${index}`;
  const place = record.headers[PLACE_HEADER] ?? `${partition}-${offset}`;
  const { timestamp } = record;
  return {
    row,
    side,
    key,
    time,
    company: 'alone',
    place,
    bytes: bytesOf(record),
    timestamp,
    headers,
    event,
    unsaved: false,
  };
}

function bytesOf({ value }: LogRecord): number {
  return value.length + EVENT_BYTES;
}

function lateError(topic: string, time: number, byMs: number): Error {
  return new Error(
    `It came ${formatDuration(Math.max(1, byMs))} too late for the join with Topic ${topic}: it happened at ${toTimestamp(time)}. Raise time.maxDisorder or allowedLateness by as much, or lead late events to a Topic (late).`,
  );
}
