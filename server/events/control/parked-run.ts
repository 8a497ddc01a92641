// One command for parked events of one consumer, partition by partition: which events it is for,
// and what its orders came to.
import type { ParkedCommand, ParkedProgress } from '../../../admin/parked-view.ts';
import { parkingLogTopicOf } from '../../../core/names.ts';
import {
  type OrderOutcome,
  orderParked,
  outcomesOf,
  type ParkedOrder,
} from '../../../worker/dispatch/commands/parked-orders.ts';
import type { ParkingLogEntry } from '../../../worker/parking-log/fold-parking-log.ts';
import type { ParkedLane } from '../../../worker/parking-log/parked-lanes.ts';
import type { ParkedReader } from '../../../worker/parking-log/parked-reader.ts';
import type { ParkedControlOptions, ParkedOwner } from './parked-deps.ts';
import { matchesParked, parseParkedId, stateOf } from './parked-shown.ts';

export interface ParkedRun {
  isAbout(partition: number): boolean;
  /** `reader` has read the lanes, and is used no more by others. */
  of(reader: ParkedReader, lanes: readonly ParkedLane[]): Promise<void>;
  /** The partition could not be read, and `message` says why. */
  unread(partition: number, message: string): void;
  end(): ParkedProgress;
}

/** Orders that one append takes: after each the caller sees how far it is. */
const AT_ONCE = 100;
/** How long one command waits for owners in all: beyond that its orders are only made. */
const PATIENCE_MS = 5_000;

const WORDS = { retry: 'tried now', 'give-up': 'given up' } as const;

const WHY: Readonly<Record<Exclude<OrderOutcome, 'done' | 'unconfirmed'> | 'absent', string>> = {
  ended: 'It is parked no longer: it was handled or given up.',
  absent: 'It is not parked: it was handled, was given up, or never was parked.',
  held: 'A person must decide about it: redrive, skip or purge its dead letter.',
  running: 'It is being attempted at this moment.',
  'not-first': 'An earlier event of its key waits: this one is tried after that.',
  'not-failed': 'No attempt at it has failed yet: it waits for its time or its turn.',
  overtaken: 'Another order for it came first.',
  gone: 'It has been deleted.',
  unknown: 'Its owner is of an earlier release and left it as it was. Finish the upgrade.',
  'earlier-release': 'Its owner is of an earlier release and left it as it was. Finish the upgrade.',
};

export function createParkedRun(
  options: Pick<ParkedControlOptions, 'world' | 'log' | 'tell'>,
  owner: ParkedOwner,
  command: Omit<ParkedCommand, 'consumer'>,
  about: { readonly progress: (progress: ParkedProgress) => void; readonly signal: AbortSignal },
): ParkedRun {
  return new Run(options, owner, command, about);
}

class Run implements ParkedRun {
  readonly #options: Pick<ParkedControlOptions, 'world' | 'log' | 'tell'>;
  readonly #owner: ParkedOwner;
  readonly #command: Omit<ParkedCommand, 'consumer'>;
  readonly #about: { readonly progress: (progress: ParkedProgress) => void; readonly signal: AbortSignal };
  /** Ids that were asked for and not looked at yet, by partition. */
  readonly #ids: Map<number, string[]> | undefined;
  readonly #failed: { readonly id: string; readonly message: string }[] = [];
  #taken = 0;
  readonly #open: string[] = [];
  #told = 0;
  #patienceMs = PATIENCE_MS;

  constructor(
    options: Pick<ParkedControlOptions, 'world' | 'log' | 'tell'>,
    owner: ParkedOwner,
    command: Omit<ParkedCommand, 'consumer'>,
    about: { readonly progress: (progress: ParkedProgress) => void; readonly signal: AbortSignal },
  ) {
    this.#options = options;
    this.#owner = owner;
    this.#command = command;
    this.#about = about;
    this.#ids = command.ids && Map.groupBy(new Set(command.ids), id => parseParkedId(id).partition);
  }

  isAbout(partition: number): boolean {
    return this.#ids === undefined || this.#ids.has(partition);
  }

  async of(reader: ParkedReader, lanes: readonly ParkedLane[]): Promise<void> {
    const { partition } = reader;
    const { signal, progress } = this.#about;
    const entries = this.#ids ? this.#named(partition, lanes) : this.#found(lanes);
    for (let from = 0; from < entries.length; from += AT_ONCE) {
      signal.throwIfAborted();
      await this.#order(reader, entries.slice(from, from + AT_ONCE));
      progress(this.#progress(this.#failed.slice(this.#told)));
      this.#told = this.#failed.length;
    }
  }

  unread(partition: number, message: string): void {
    for (const id of this.#ids?.get(partition) ?? []) this.#failed.push({ id, message });
    this.#ids?.delete(partition);
  }

  end(): ParkedProgress {
    for (const ids of this.#ids?.values() ?? []) for (const id of ids) this.#refuse(id, 'absent');
    return { ...this.#progress(this.#failed), ...(this.#open.length === 0 ? {} : { open: this.#open }) };
  }

  /** The events that ids name, in their order in the source. */
  #named(partition: number, lanes: readonly ParkedLane[]): ParkingLogEntry[] {
    const ids = this.#ids?.get(partition) ?? [];
    this.#ids?.delete(partition);
    const wanted = new Map(ids.map(id => [parseParkedId(id).offset, id]));
    const entries: ParkingLogEntry[] = [];
    for (const lane of lanes) {
      const named = lane.entries.filter(({ event }) => wanted.delete(event));
      if (named.length === 0) continue;
      if (this.#command.wholeKey) entries.push(...lane.entries);
      else entries.push(...named.filter(entry => this.#isAllowed(partition, entry, lane.head)));
    }
    for (const id of wanted.values()) this.#refuse(id, 'absent');
    return entries;
  }

  #isAllowed(partition: number, entry: ParkingLogEntry, head: ParkingLogEntry): boolean {
    const id = `${partition}-${entry.event}`;
    if (entry === head) return true;
    const first = `${partition}-${head.event}`;
    this.#failed.push({ id, message: `The event ${first} of its key waits before it: name that one.` });
    return false;
  }

  /** A query finds no keys that wait for their time or for a person. */
  #found(lanes: readonly ParkedLane[]): ParkingLogEntry[] {
    const { query = {}, wholeKey } = this.#command;
    const now = this.#options.world.now();
    const found = lanes.filter(({ head }) => stateOf(head) === 'retrying' && matchesParked(head, query, now));
    return found.flatMap(({ head, entries }) => (wholeKey ? entries : [head]));
  }

  async #order(reader: ParkedReader, entries: readonly ParkingLogEntry[]): Promise<void> {
    const { world, log } = this.#options;
    const { partition } = reader;
    const parkingLog = parkingLogTopicOf(this.#owner.settings.group);
    const verb = this.#command.action;
    const orders = entries.map(({ event, generation }): ParkedOrder => ({ verb, event, generation }));
    const places = await orderParked(log, parkingLog, partition, orders);
    for (const entry of entries) this.#tell(partition, entry);
    const begun = world.monotonic();
    const outcomes = await outcomesOf(world, reader, places, this.#patienceMs, this.#about.signal);
    this.#patienceMs = Math.max(0, this.#patienceMs - (world.monotonic() - begun));
    for (const [index, outcome] of outcomes.entries()) {
      if (outcome === 'done') this.#taken++;
      else if (outcome === 'unconfirmed') this.#open.push(`${partition}-${entries[index]?.event}`);
      else this.#refuse(`${partition}-${entries[index]?.event}`, outcome);
    }
  }

  #refuse(id: string, why: keyof typeof WHY): void {
    this.#failed.push({ id, message: WHY[why] });
  }

  #tell(partition: number, { event, record }: ParkingLogEntry): void {
    const { kind, namespace, name } = this.#owner.name;
    this.#options.tell('info', `an operator asked for a parked event to be ${WORDS[this.#command.action]}`, {
      consumer: `${kind}/${namespace}/${name}`,
      id: `${partition}-${event}`,
      event: record.headers['ce_id'],
      ...(record.key === null ? {} : { key: record.key }),
    });
  }

  #progress(failed: ParkedProgress['failed']): ParkedProgress {
    const taken = this.#taken;
    const unconfirmed = this.#open.length;
    return { taken, unconfirmed, failed, total: taken + unconfirmed + this.#failed.length };
  }
}
