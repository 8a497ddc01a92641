// One state of the model: what is durable, and what each owner has in memory; and states as short
// strings, to know them again.
import type { Position } from '../../drivers/event-log/event-log.ts';
import type { Commit } from '../../worker/parking-log/commit.ts';
import type { ParkingLogState } from '../../worker/parking-log/fold-parking-log.ts';
import type { ParkingLogRecord } from '../../worker/parking-log/parking-log-record.ts';

/** An event in its lane, as an owner knows it. */
export interface ModelItem {
  readonly offset: number;
  readonly key: number;
  state: 'fresh' | 'parked' | 'held' | 'gone';
  pending: number;
  attempts: number;
  generation: number;
  /** In the parking log or on its way there. */
  parked: boolean;
  /** The outcome that its call will have. */
  running: '' | 'ok' | 'fails' | 'again';
  cancelledBy: number;
}

export interface Owner {
  phase: 'claimed' | 'replaying' | 'active';
  claim: number;
  /** Of the claim that is on its way, for one that claims anew; -1: none. */
  reclaim: number;
  /** Where the parking log has been read up to. */
  read: number;
  parkingLog: ParkingLogState;
  /** The commit it begins with. */
  begun: Commit;
  /** Source offsets that the replayed parking log spoke of, as bits. */
  seen: number;
  /** Events that were dead when it claimed, as bits. */
  dead: number;
  /** Where the source has been read up to. */
  source: number;
  /** Source offsets that are done, as bits. */
  done: number;
  items: ModelItem[];
  /** Written, not read back. The parking log may not have them all. */
  pending: { readonly record: ParkingLogRecord; readonly moved: boolean }[];
  seq: number;
  /** Highest event of each key that this owner attempted; -1: none. */
  highest: number[];
}

export interface State {
  parkingLog: ParkingLogRecord[];
  trim: number;
  position: Position;
  owners: Owner[];
  handled: number;
  dead: number;
  /** Dead letters in their topic. */
  letters: number;
  /** Marks of redrives and purges in the topic of dead letters, as bits: `markOf`. */
  marks: number;
  repeats: number;
  /** Commands that were given, as bits. */
  given: number;
  /** What the whole parking log says, whoever may read it. */
  truth: ParkingLogState;
}

export function markOf(event: number, generation: number): number {
  return 1 << (event * MOST_GENERATIONS + generation);
}

const MOST_GENERATIONS = 4;

function cloneParkingLog(parkingLog: ParkingLogState): ParkingLogState {
  return {
    claim: parkingLog.claim,
    seq: parkingLog.seq,
    entries: new Map(parkingLog.entries),
    commands: new Map(parkingLog.commands),
  };
}

function cloneOwner(owner: Owner): Owner {
  return {
    ...owner,
    parkingLog: cloneParkingLog(owner.parkingLog),
    items: owner.items.map(item => ({ ...item })),
    pending: [...owner.pending],
    highest: [...owner.highest],
  };
}

/** With its own copy of the owner at `index`. */
export function cloneState(state: State, index = -1): State {
  return {
    ...state,
    parkingLog: [...state.parkingLog],
    owners: state.owners.map((owner, at) => (at === index ? cloneOwner(owner) : owner)),
    truth: cloneParkingLog(state.truth),
  };
}

/** Gives the same small number to what is written the same. */
export class Names {
  readonly #numbers = new Map<string, number>();
  readonly #records = new WeakMap<ParkingLogRecord, number>();

  of(text: string): number {
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(text, number);
    }
    return number;
  }

  ofRecord(record: ParkingLogRecord): number {
    let number = this.#records.get(record);
    if (number === undefined) {
      number = this.of(JSON.stringify({ ...record, record: undefined }));
      this.#records.set(record, number);
    }
    return number;
  }
}

const PHASES = { claimed: 0, replaying: 1, active: 2 };
const STATES = { fresh: 0, parked: 1, held: 2, gone: 3, dead: 4 };
const RUNNING = { '': 0, ok: 1, fails: 2, again: 3 };

/** Equal for equal states; every number is one UTF-16 unit. */
export function encodeState(state: State, names: Names): string {
  const out: number[] = [state.trim, state.handled, state.dead, state.letters, state.marks, state.repeats, state.given];
  out.push(state.position.offset, names.of(state.position.metadata), state.parkingLog.length);
  for (const record of state.parkingLog) out.push(names.ofRecord(record));
  for (const owner of state.owners) encodeOwner(owner, names, out);
  return String.fromCharCode(...out);
}

function encodeOwner(owner: Owner, names: Names, out: number[]): void {
  out.push(PHASES[owner.phase], owner.claim, owner.reclaim + 1, owner.read, owner.source, owner.done, owner.seq);
  // What it began with matters no more once it has read all that it is about.
  const { begun, seen, source } = owner;
  const isPast = owner.phase === 'active' && source >= begun.top && !(seen >> source);
  out.push(owner.dead, isPast ? 0 : seen, isPast ? 0 : names.of(JSON.stringify(begun)) + 1);
  out.push(owner.parkingLog.claim + 1, owner.parkingLog.seq, owner.parkingLog.entries.size);
  for (const { event, attempts, state, generation, deadLettered, mark } of owner.parkingLog.entries.values()) {
    out.push(
      event,
      attempts,
      STATES[state] * 2 + Number(deadLettered),
      generation,
      mark.offset,
      mark.claim + 1,
      mark.seq,
    );
  }
  out.push(owner.parkingLog.commands.size);
  for (const [offset, { acted, mark }] of owner.parkingLog.commands)
    out.push(offset * 2 + Number(acted), mark.claim + 1, mark.seq);
  out.push(owner.items.length);
  for (const item of owner.items) {
    out.push(item.offset, STATES[item.state] * 4 + RUNNING[item.running], item.pending, item.attempts);
    out.push(item.generation * 2 + Number(item.parked), item.cancelledBy + 1);
  }
  out.push(owner.pending.length);
  for (const { record, moved } of owner.pending) out.push(names.ofRecord(record) * 2 + Number(moved));
  for (const event of owner.highest) out.push(event + 1);
}
