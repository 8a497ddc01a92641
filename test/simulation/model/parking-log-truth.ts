// What a parking log says when every record is judged by the rules of the claims, told apart from
// the product's own reading of it.
import { deadTopicOf, parkingLogTopicOf } from '../../../core/names.ts';
import { decodeDeadRecord } from '../../../worker/dispatch/dead-letters/dead-letter-codec.ts';
import type { DeadLetter } from '../../../worker/dispatch/settings.ts';
import { decodeParkingLogRecord } from '../../../worker/parking-log/parking-log-codec.ts';
import type { ParkingLogRecord } from '../../../worker/parking-log/parking-log-record.ts';
import { Broken } from '../../judge/broken.ts';
import { GROUP } from '../consumers/consumer.ts';
import type { SimulatedProcess } from '../kernel/process.ts';
import { EPOCH } from '../kernel/virtual-time.ts';
import type { SimulatedBroker } from '../log/broker.ts';
import type { StoredRecord } from '../log/partition-log.ts';
import type { Truth } from './truth.ts';

interface Fate {
  state: 'parked' | 'held' | 'dead' | 'done';
  generation: number;
  /** Offset in the parking log of the record that ended it. */
  endedAt: number;
  wasGivenUp: boolean;
}

interface Partition {
  claims: number;
  /** Offset of the claim in force, and of the process that made it. */
  claim: number;
  claimedBy: string;
  seq: number;
  readonly fates: Map<number, Fate>;
  /** First claim of each process since the partition was last assigned to it. */
  readonly firstClaims: Map<string, number>;
  readonly letters: Map<number, DeadLetter[]>;
  /** Redrives that are not carried out, by their offsets in the parking log, ascending. */
  readonly redrives: Map<number, { readonly event: number; readonly generation: number }>;
}

export class ParkingLogTruth implements Truth {
  readonly epoch = EPOCH;
  readonly #partitions: Partition[] = [];
  readonly #saw: (sight: string) => void;
  #broken: Broken | undefined;

  constructor(broker: SimulatedBroker, saw: (sight: string) => void) {
    this.#saw = saw;
    const parkingLog = parkingLogTopicOf(GROUP);
    const dead = deadTopicOf(GROUP);
    broker.watches.push((topic, partition, record) => {
      if (topic === parkingLog) {
        this.#parkingLogRecord(this.of(partition), record);
      }
      if (topic === dead) this.#deadRecord(partition, record);
    });
    broker.assignedWatches.push((process, partition) => this.of(partition).firstClaims.delete(process.name));
  }

  get broken(): Broken | undefined {
    return this.#broken;
  }

  of(partition: number): Partition {
    while (this.#partitions.length <= partition) {
      const maps = { fates: new Map(), firstClaims: new Map(), letters: new Map(), redrives: new Map() };
      this.#partitions.push({
        claims: 0,
        claim: -1,
        claimedBy: '',
        seq: 1,
        ...maps,
      });
    }
    const found = this.#partitions[partition];
    if (!found) throw new Error(`partition ${partition}`);
    return found;
  }

  claims(partition: number): number {
    return this.of(partition).claims;
  }

  isOwner(process: SimulatedProcess, partition: number): boolean {
    return this.of(partition).claimedBy === process.name;
  }

  wasGivenUp(partition: number, offset: number): boolean {
    return this.of(partition).fates.get(offset)?.wasGivenUp ?? false;
  }

  isHeld(partition: number, offset: number): boolean {
    return this.of(partition).fates.get(offset)?.state === 'held';
  }

  isBack(partition: number, offset: number): boolean {
    const fate = this.of(partition).fates.get(offset);
    return fate?.state === 'parked' && fate.generation > 0;
  }

  redrives(partition: number, offset: number): number {
    return this.of(partition).fates.get(offset)?.generation ?? 0;
  }

  isOverFor(process: SimulatedProcess, partition: number, offset: number): boolean {
    const { fates, firstClaims, claimedBy } = this.of(partition);
    if (claimedBy !== process.name) this.#saw('a former owner delivers after a newer claim');
    const fate = fates.get(offset);
    const claim = firstClaims.get(process.name);
    if (!fate || claim === undefined) return false;
    return (fate.state === 'dead' || fate.state === 'done') && fate.endedAt < claim;
  }

  missing(partition: number, offset: number): string | undefined {
    const { letters, fates } = this.of(partition);
    const fate = fates.get(offset);
    // A person brought it back, and it was handled.
    if (fate?.state === 'done') return undefined;
    const generation = fate?.generation ?? 0;
    const found = letters.get(offset)?.filter(letter => letter.generation === generation) ?? [];
    return found.length > 0 ? undefined : `no dead letter of generation ${generation}`;
  }

  letters(partition: number, offset: number): readonly DeadLetter[] {
    return this.of(partition).letters.get(offset) ?? [];
  }

  /** Events that wait in the parking log, for an attempt or for a person. */
  open(partition: number): readonly { readonly event: number; readonly generation: number; readonly state: string }[] {
    const { fates } = this.of(partition);
    const entries = [...fates].map(([event, { generation, state }]) => ({ event, generation, state }));
    return entries.filter(({ state }) => state === 'parked' || state === 'held');
  }

  #deadRecord(partition: number, record: StoredRecord): void {
    const decoded = decodeDeadRecord(partition, record);
    if (decoded?.type !== 'letter') return;
    const { letters } = this.of(partition);
    const { letter } = decoded;
    const known = letters.get(letter.offset) ?? [];
    if (known.some(({ generation, held }) => generation === letter.generation && held === letter.held)) {
      this.#saw('a dead letter was appended twice');
    }
    letters.set(letter.offset, [...known, letter]);
  }

  #parkingLogRecord(partition: Partition, stored: StoredRecord): void {
    const record = decodeParkingLogRecord(stored);
    if (!record) throw new Error(`parking log record ${stored.offset} cannot be read`);
    if (record.type === 'claim') {
      this.#claimed(partition, stored);
      return;
    }
    if (record.type === 'command') {
      if (record.verb === 'redrive') partition.redrives.set(stored.offset, record);
      return;
    }
    if (record.claim !== partition.claim) {
      this.#saw(`a ${record.type} of a former owner`);
      return;
    }
    if (record.seq !== partition.seq) {
      this.#saw('a record repeated');
      return;
    }
    partition.seq++;
    this.#counts(partition, stored.offset, record);
  }

  /**
   * In the order of the commands, but what is held is in the parking log already, and passes what
   * still waits for room there.
   */
  #redriven({ redrives, fates }: Partition, command: number): void {
    const isHeld = (event: number) => fates.get(event)?.state === 'held';
    const passes = isHeld(redrives.get(command)?.event ?? -1);
    for (const [earlier, { event, generation }] of redrives) {
      if (earlier >= command) break;
      // It was carried out already, by another command.
      if ((fates.get(event)?.generation ?? 0) > generation) continue;
      if (passes && !isHeld(event)) this.#saw('a held event redriven before one that waits for room');
      else this.#broken ??= new Broken('redrive', `${command} is carried out before ${earlier}`);
    }
    redrives.delete(command);
  }

  #claimed(partition: Partition, { offset, by }: StoredRecord): void {
    const { fates, firstClaims, claimedBy } = partition;
    if ([...fates.values()].some(({ state }) => state === 'parked')) this.#saw('a claim while events are parked');
    if ([...fates.values()].some(({ state }) => state === 'held')) this.#saw('a claim while a key is held');
    if (claimedBy === by) this.#saw('an owner claims anew');
    partition.claims++;
    partition.claim = offset;
    partition.claimedBy = by;
    partition.seq = 1;
    if (!firstClaims.has(by)) firstClaims.set(by, offset);
  }

  #counts(partition: Partition, offset: number, record: ParkingLogRecord): void {
    const { fates, redrives } = partition;
    if (record.type === 'acked') redrives.delete(record.command);
    if (record.type === 'park') {
      if (record.command !== undefined) this.#redriven(partition, record.command);
      const known = fates.get(record.event);
      if (known?.state === 'parked' && known.generation === record.generation) this.#saw('a parked event moves');
      if (record.command !== undefined && record.generation <= (known?.generation ?? 0)) {
        const text = `event ${record.event} is redriven again as generation ${record.generation}`;
        this.#broken ??= new Broken('redrive', text);
      }
      if (record.attempts === 0) this.#saw('an event parked behind another');
      if (record.generation > (known?.generation ?? 0)) this.#saw('an event redriven');
      const wasGivenUp = known?.wasGivenUp ?? false;
      const state = record.hold ? 'held' : 'parked';
      fates.set(record.event, { state, generation: record.generation, endedAt: offset, wasGivenUp });
    } else if (record.type === 'dead') {
      this.#saw(`an event given up: ${record.held ? 'held' : record.reason}`);
      const wasGivenUp = (fates.get(record.event)?.wasGivenUp ?? false) || !record.held;
      const state = record.held ? 'held' : 'dead';
      fates.set(record.event, { state, generation: record.generation, endedAt: offset, wasGivenUp });
    } else if (record.type === 'done') {
      const known = fates.get(record.event);
      if (known) Object.assign(known, { state: 'done', endedAt: offset });
    }
  }
}
