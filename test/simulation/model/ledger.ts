// What was published and what became of each event, as seen from outside the product; throws as soon as a promise is broken.
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { DeliveryItem, Outcome } from '../../../worker/deliver/destination.ts';
import type { SimulatedProcess } from '../kernel/process.ts';
import type { Simulation } from '../kernel/simulation.ts';
import type { Limits } from '../scenario/plan.ts';
import { Broken } from './broken.ts';
import type { Truth } from './truth.ts';

export interface Tracked {
  readonly partition: number;
  readonly record: LogRecord;
  readonly lane: Lane;
  readonly index: number;
  /** Attempts that began. */
  attempts: number;
  /** Those of them that failed and have to be remembered. */
  failed: number;
  /** Those that failed after they were handed over, and may have to be remembered. */
  mayCount: number;
  /** One of them was no success, for whatever reason. */
  troubled: boolean;
  /** When an owner was told that it was handled. */
  settledAt: number | undefined;
  /** Who was told that it fails for good, and how many owners and lives there had been by then. */
  refused: { readonly process: SimulatedProcess; readonly times: number } | undefined;
  /** Claims of its partition before the first attempt at it. */
  claimsBefore: number;
  /** Retention took it before it was closed. */
  overtaken: boolean;
  /** The filter does not let it through. */
  filtered: boolean;
}

interface Lane {
  readonly name: string;
  readonly events: Tracked[];
  /** All before it are closed. */
  open: number;
}

export interface Call {
  readonly process: SimulatedProcess;
  readonly items: readonly DeliveryItem[];
  readonly events: readonly Tracked[];
  readonly signal: AbortSignal;
  readonly at: number;
  /** Whether the caller was the owner when it began, by the durable state; for each event. */
  readonly owned: readonly boolean[];
}

export class Ledger {
  /** In the order of the log, by partition. */
  readonly partitions: Tracked[][] = [];
  readonly inFlight = new Set<Call>();
  /** What happened to each key, for people; only when asked for. */
  readonly timeline: { at: number; lane: string; text: string }[] | undefined;
  readonly #simulation: Simulation;
  readonly #limits: Limits;
  readonly #truth: Truth;
  readonly #saw: (sight: string) => void;
  readonly #lanes = new Map<string, Lane>();
  /** By partition: so many of its events are known to be settled. */
  readonly #settled = new Map<number, number>();
  readonly #starts = new Map<SimulatedProcess, number[]>();

  constructor(
    simulation: Simulation,
    limits: Limits,
    truth: Truth,
    options: { readonly timeline: boolean; readonly saw: (sight: string) => void },
  ) {
    this.#simulation = simulation;
    this.#limits = limits;
    this.#truth = truth;
    this.#saw = options.saw;
    this.timeline = options.timeline ? [] : undefined;
  }

  get events(): readonly Tracked[] {
    return this.partitions.flat();
  }

  /** A record is in the source topic. */
  published(partition: number, record: LogRecord): void {
    while (this.partitions.length <= partition) this.partitions.push([]);
    const lane = this.#laneOf(partition, record);
    const tracked: Tracked = {
      partition,
      record,
      lane,
      index: lane.events.length,
      attempts: 0,
      failed: 0,
      mayCount: 0,
      troubled: false,
      settledAt: undefined,
      refused: undefined,
      claimsBefore: 0,
      overtaken: false,
      filtered: false,
    };
    lane.events.push(tracked);
    this.partitions[partition]?.push(tracked);
    this.note(tracked, 'published');
  }

  find(partition: number, offset: number): Tracked {
    const found = this.partitions[partition]?.find(({ record }) => record.offset === offset);
    if (!found) throw new Broken('invented', `event ${partition}/${offset} was never published`);
    return found;
  }

  isClosed(event: Tracked): boolean {
    return (
      event.settledAt !== undefined ||
      event.overtaken ||
      event.filtered ||
      this.#truth.wasGivenUp(event.partition, event.record.offset)
    );
  }

  /** A call of the function begins. */
  begins(process: SimulatedProcess, items: readonly DeliveryItem[], signal: AbortSignal): Call {
    const events = items.map(item => this.#check(process, item));
    const owned = items.map(({ partition }) => this.#truth.isOwner(process, partition));
    const call: Call = { process, items, events, signal, owned, at: this.#simulation.now };
    this.#checkLimits(call);
    const atOnce = [...this.inFlight].some(other => other.events.some(event => events.includes(event)));
    if (atOnce) this.#saw('two owners deliver the same event at once');
    for (const [index, event] of events.entries()) {
      if (event.attempts++ === 0) event.claimsBefore = this.#truth.claims(event.partition);
      this.note(event, `attempt ${items[index]?.attempt} by ${process.name}`);
    }
    this.inFlight.add(call);
    return call;
  }

  /** The owner that called is told; outcomes do not count once the signal has aborted. */
  answered(call: Call, outcomes: readonly Outcome[]): void {
    this.inFlight.delete(call);
    const whole = outcomes.length > 1 && outcomes.every(({ kind }) => kind === 'failed');
    if (new Set(outcomes.map(({ kind }) => kind)).size > 1) this.#saw('outcomes of one batch differ');
    for (const [index, event] of call.events.entries()) {
      const outcome = outcomes[index];
      if (!outcome) continue;
      this.note(event, `${call.process.name} is told ${outcome.kind}${call.signal.aborted ? ', too late' : ''}`);
      if (call.signal.aborted) continue;
      if (outcome.kind === 'done' && event.settledAt !== undefined) this.#saw('an event is handled twice');
      if (outcome.kind === 'done') event.settledAt ??= this.#simulation.now;
      else event.troubled = true;
      if (outcome.kind === 'failed') event.mayCount++;
      if (outcome.kind === 'failed' && !whole && outcome.doubt === undefined) {
        // Of a batch that fails whole nothing is known of the single event; nor where it may be the function's doing.
        if (call.owned[index]) event.failed++;
        if (!outcome.retryable) event.refused = { process: call.process, times: this.#timesOf(event) };
        this.#checkAttempts(event);
      }
    }
  }

  /** The process is gone; so are its calls. */
  died(process: SimulatedProcess): void {
    for (const call of this.inFlight) if (call.process === process) this.inFlight.delete(call);
  }

  note(event: Tracked, text: string): void {
    this.#simulation.chance.note(event.partition * 7919 + event.record.offset);
    this.timeline?.push({ at: this.#simulation.now, lane: event.lane.name, text: `${nameOf(event)} ${text}` });
  }

  /** Something that concerns all keys. */
  remark(text: string): void {
    this.timeline?.push({ at: this.#simulation.now, lane: '', text });
  }

  #laneOf(partition: number, record: LogRecord): Lane {
    const { order } = this.#limits;
    const alone = order === 'none' || (order === 'key' && record.key === null);
    const name = alone ? `${partition}/#${record.offset}` : `${partition}/${order === 'partition' ? '*' : record.key}`;
    const lane = this.#lanes.get(name) ?? { name, events: [], open: 0 };
    this.#lanes.set(name, lane);
    return lane;
  }

  /** What is said to be settled must be: whoever hears it forgets those events. */
  #checkSettled(partition: number, below: number): void {
    const events = this.partitions[partition] ?? [];
    let next = this.#settled.get(partition) ?? 0;
    for (let event = events[next]; event && event.record.offset < below; event = events[++next]) {
      if (this.isClosed(event)) continue;
      throw new Broken('settled', `all below ${below} is said to be settled, and ${nameOf(event)} is not`);
    }
    this.#settled.set(partition, next);
  }

  #check(process: SimulatedProcess, { partition, record, attempt, settledBelow }: DeliveryItem): Tracked {
    const event = this.find(partition, record.offset);
    if (settledBelow !== undefined) this.#checkSettled(partition, settledBelow);
    const truth = event.record;
    const same =
      Buffer.compare(record.value, truth.value) === 0 &&
      record.key === truth.key &&
      record.timestamp === truth.timestamp &&
      JSON.stringify(record.headers) === JSON.stringify(truth.headers);
    if (!same) throw new Broken('content', `${nameOf(event)} is delivered with other content than was published`);
    const { lane } = event;
    for (let next = lane.events[lane.open]; next && this.isClosed(next); next = lane.events[lane.open]) lane.open++;
    if (lane.open < event.index) {
      const open = lane.events[lane.open];
      throw new Broken(
        'order',
        `${nameOf(event)} is attempted by ${process.name} while ${open && nameOf(open)} is open`,
      );
    }
    if (attempt < 1 || attempt > this.#limits.attempts) {
      throw new Broken('attempts', `${nameOf(event)}: attempt ${attempt} of ${this.#limits.attempts}`);
    }
    if (attempt > 1 + event.mayCount) {
      throw new Broken(
        'attempts',
        `${nameOf(event)}: attempt ${attempt}, and ${event.mayCount} were delivered and failed`,
      );
    }
    if (event.refused?.process === process && event.refused.times === this.#timesOf(event)) {
      throw new Broken('refused', `${nameOf(event)} was refused for good and is attempted again by ${process.name}`);
    }
    if (event.filtered) throw new Broken('filter', `${nameOf(event)} is delivered though the filter is false`);
    // What a person brings back is delivered at once.
    const isFirstLife = this.#truth.redrives(partition, record.offset) === 0;
    if (isFirstLife && this.#simulation.now < record.timestamp - this.#truth.epoch + this.#limits.delayMs) {
      throw new Broken('delay', `${nameOf(event)} is delivered too early`);
    }
    if (this.#truth.isOverFor(process, partition, record.offset)) {
      throw new Broken(
        'second life',
        `${nameOf(event)} is attempted by ${process.name}, which must know that it is over`,
      );
    }
    return event;
  }

  #checkLimits(call: Call): void {
    const { batch, concurrency, rate } = this.#limits;
    const { process, items, events } = call;
    if (items.length === 0 || items.length > batch)
      throw new Broken('batch', `${items.length} items of at most ${batch}`);
    const others = [...this.inFlight].filter(other => other.process === process && !other.signal.aborted);
    if (others.length >= concurrency) {
      throw new Broken('concurrency', `${process.name} makes call ${others.length + 1} of at most ${concurrency}`);
    }
    const busy = new Set(others.flatMap(other => other.events.map(({ lane }) => lane)));
    for (const event of events) {
      if (busy.has(event.lane)) throw new Broken('lane', `${nameOf(event)} begins beside another of its lane`);
      busy.add(event.lane);
    }
    if (rate === 0) return;
    const starts = this.#starts.get(process) ?? [];
    this.#starts.set(process, starts);
    const { now } = this.#simulation;
    starts.push(...items.map(() => now));
    const within = starts.filter(at => at > now - 1_000).length;
    if (within > rate)
      throw new Broken('rate', `${process.name} delivers ${within} events within a second, ${rate} are allowed`);
  }

  /** Changes with every owner and every life. */
  #timesOf({ partition, record }: Tracked): number {
    return this.#truth.claims(partition) + this.#truth.redrives(partition, record.offset);
  }

  #checkAttempts(event: Tracked): void {
    const { partition, record } = event;
    const lives = 1 + this.#truth.redrives(partition, record.offset);
    const cut = this.#truth.claims(partition) - event.claimsBefore;
    const most = this.#limits.attempts * lives + cut;
    if (event.failed > most) {
      throw new Broken(
        'attempts',
        `${nameOf(event)} failed ${event.failed} times: ${this.#limits.attempts} allowed, ${cut} owners since`,
      );
    }
  }
}

export function nameOf({ partition, record }: { partition: number; record: LogRecord }): string {
  return `${partition}/${record.offset}${record.key === null ? '' : `(${record.key})`}`;
}
