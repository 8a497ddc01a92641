// What was published and what became of each event, as seen from outside the product:
// tells the judge of all of it, holds besides what only a simulation can know, and throws
// as soon as a promise is broken.
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { DeliveryItem, Outcome } from '../../../worker/deliver/destination.ts';
import { Broken } from '../../judge/broken.ts';
import { Judge } from '../../judge/judge.ts';
import { type Judged, type JudgedCall, type Lane, neverTried } from '../../judge/judged.ts';
import { LEFT_OUT, shareIn } from '../consumers/consumer.ts';
import type { SimulatedProcess } from '../kernel/process.ts';
import type { Simulation } from '../kernel/simulation.ts';
import type { Limits } from '../scenario/limits.ts';

import type { Truth } from './truth.ts';

export interface Tracked extends Judged {
  readonly partition: number;
  readonly record: LogRecord;
  readonly lane: Lane<Tracked>;
  readonly index: number;
  /** One of its attempts was no success, for whatever reason. */
  troubled: boolean;
  /** Retention took it before it was closed. */
  overtaken: boolean;
  /** The filter does not let it through. */
  filtered: boolean;
}

export interface Call {
  readonly process: SimulatedProcess;
  readonly items: readonly DeliveryItem[];
  readonly events: readonly Tracked[];
  readonly judged: readonly JudgedCall<Tracked>[];
  readonly signal: AbortSignal;
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
  readonly #judge: Judge<Tracked>;
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
    const claims = ({ partition }: Tracked) => truth.claims(partition);
    this.#judge = new Judge<Tracked>({
      attempts: limits.attempts,
      seesAll: true,
      witness: {
        isOver: event => event.overtaken || event.filtered || truth.wasGivenUp(event.partition, event.record.offset),
        moment: claims,
        takeOvers: (event, since) => claims(event) - since,
        lives: ({ partition, record }) => 1 + truth.redrives(partition, record.offset),
      },
      report: broken => {
        throw broken;
      },
    });
  }

  get events(): readonly Tracked[] {
    return this.partitions.flat();
  }

  /** A record is in the source topic. */
  published(partition: number, record: LogRecord): void {
    while (this.partitions.length <= partition) this.partitions.push([]);
    const lane = this.#judge.laneOf(this.#nameOfLane(partition, record));
    const tracked: Tracked = {
      ...neverTried(),
      name: nameOf({ partition, record }),
      partition,
      record,
      lane,
      index: lane.events.length,
      troubled: false,
      overtaken: false,
      filtered: record.headers['ce_type'] === LEFT_OUT,
    };
    this.#judge.appended(tracked, lane, record.offset);
    this.partitions[partition]?.push(tracked);
    this.note(tracked, 'published');
  }

  find(partition: number, offset: number): Tracked {
    const found = this.partitions[partition]?.find(({ record }) => record.offset === offset);
    if (!found) throw new Broken('invented', `event ${partition}/${offset} was never published`);
    return found;
  }

  isClosed(event: Tracked): boolean {
    return this.#judge.isClosed(event);
  }

  /** A call of the function begins. */
  begins(process: SimulatedProcess, items: readonly DeliveryItem[], signal: AbortSignal): Call {
    const events = items.map(item => this.#check(process, item));
    this.#checkLimits(process, items);
    const atOnce = [...this.inFlight].some(other => other.events.some(event => events.includes(event)));
    if (atOnce) this.#saw('two owners deliver the same event at once');
    const waits = () => !signal.aborted;
    const judged = events.map((event, index) => {
      const call = this.#judge.begins(event, { by: process.name, attempt: items[index]?.attempt, waits });
      this.note(event, `attempt ${call.attempt} by ${process.name}`);
      return call;
    });
    const owned = items.map(({ partition }) => this.#truth.isOwner(process, partition));
    const call: Call = { process, items, events, judged, signal, owned };
    this.inFlight.add(call);
    return call;
  }

  /** The owner that called is told; outcomes do not count once the signal has aborted. */
  answered(call: Call, outcomes: readonly Outcome[]): void {
    this.inFlight.delete(call);
    const whole = outcomes.length > 1 && outcomes.every(({ kind }) => kind === 'failed');
    if (new Set(outcomes.map(({ kind }) => kind)).size > 1) this.#saw('outcomes of one batch differ');
    for (const [index, judged] of call.judged.entries()) {
      const { event } = judged;
      const outcome = outcomes[index];
      if (outcome)
        this.note(event, `${call.process.name} is told ${outcome.kind}${call.signal.aborted ? ', too late' : ''}`);
      if (!outcome || call.signal.aborted) {
        this.#judge.lost(judged);
        continue;
      }
      if (outcome.kind === 'done' && event.settled) this.#saw('an event is handled twice');
      if (outcome.kind !== 'done') event.troubled = true;
      // Of a batch that fails whole nothing is known of the single event; nor where it
      // may be the function's doing.
      const isKnown = outcome.kind === 'failed' && !whole && outcome.doubt === undefined;
      this.#judge.ended(judged, {
        outcome: isKnown && !outcome.retryable ? 'refused' : outcome.kind,
        told: true,
        counts: isKnown && call.owned[index] === true,
      });
    }
  }

  /** The process is gone; so are its calls. */
  died(process: SimulatedProcess): void {
    for (const call of this.inFlight) {
      if (call.process !== process) continue;
      this.inFlight.delete(call);
      for (const judged of call.judged) this.#judge.lost(judged);
    }
  }

  note(event: Tracked, text: string): void {
    this.#simulation.chance.note(event.partition * 7919 + event.record.offset);
    this.timeline?.push({ at: this.#simulation.now, lane: event.lane.name, text: `${nameOf(event)} ${text}` });
  }

  /** Something that concerns all keys. */
  remark(text: string): void {
    this.timeline?.push({ at: this.#simulation.now, lane: '', text });
  }

  #nameOfLane(partition: number, record: LogRecord): string {
    const { order } = this.#limits;
    if (order === 'none' || (order === 'key' && record.key === null)) return `${partition}/#${record.offset}`;
    return `${partition}/${order === 'partition' ? '*' : record.key}`;
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

  #check(process: SimulatedProcess, { partition, record, settledBelow }: DeliveryItem): Tracked {
    const event = this.find(partition, record.offset);
    if (settledBelow !== undefined) this.#checkSettled(partition, settledBelow);
    const truth = event.record;
    const same =
      Buffer.compare(record.value, truth.value) === 0 &&
      record.key === truth.key &&
      record.timestamp === truth.timestamp &&
      JSON.stringify(record.headers) === JSON.stringify(truth.headers);
    if (!same) throw new Broken('content', `${nameOf(event)} is delivered with other content than was published`);
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

  #checkLimits(process: SimulatedProcess, items: readonly DeliveryItem[]): void {
    const { batch, concurrency, rate, shares, shareMax } = this.#limits;
    if (items.length === 0 || items.length > batch)
      throw new Broken('batch', `${items.length} items of at most ${batch}`);
    const others = [...this.inFlight].filter(other => other.process === process && !other.signal.aborted);
    if (others.length >= concurrency) {
      throw new Broken('concurrency', `${process.name} makes call ${others.length + 1} of at most ${concurrency}`);
    }
    if (shareMax > 0) {
      const inFlight = new Map<string | undefined, number>();
      for (const { record } of [...others.flatMap(other => other.items), ...items]) {
        const name = shareIn(shares, record);
        const count = (inFlight.get(name) ?? 0) + 1;
        inFlight.set(name, count);
        if (count > shareMax)
          throw new Broken(
            'share',
            `${process.name} has ${count} events of ${name} in flight, ${shareMax} are allowed`,
          );
      }
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
}

export function nameOf({ partition, record }: { partition: number; record: LogRecord }): string {
  return `${partition}/${record.offset}${record.key === null ? '' : `(${record.key})`}`;
}
