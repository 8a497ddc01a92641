// A consumer group: who owns which partition, as the log sees it; what the members know of it comes
// later, at times much later.
import { TenfoldError } from '../../../core/errors.ts';
import type { SimulatedProcess } from '../kernel/process.ts';
import type { Calls } from './calls.ts';
import { SimulatedOwnedPartition } from './owned-partition.ts';
import type { SharedLog } from './shared-log.ts';

/** What a group needs of the log. */
interface GroupLog extends SharedLog {
  readonly sessionMs: number;
  readonly growthSeenMs: number;
  readonly assignedWatches: readonly ((process: SimulatedProcess, partition: number) => void)[];
  readonly lostWatches: readonly ((process: SimulatedProcess, partition: number) => void)[];
}

export class GroupMember {
  readonly calls: Calls;
  readonly assigned: (partition: SimulatedOwnedPartition) => void;
  readonly owned = new Map<number, SimulatedOwnedPartition>();
  left = false;

  constructor(calls: Calls, assigned: (partition: SimulatedOwnedPartition) => void) {
    this.calls = calls;
    this.assigned = assigned;
  }
}

export class Group {
  readonly name: string;
  readonly topics: readonly string[];
  readonly #broker: GroupLog;
  readonly #members: GroupMember[] = [];
  readonly #owners = new Map<number, GroupMember>();

  constructor(broker: GroupLog, name: string, topics: readonly string[]) {
    this.#broker = broker;
    this.name = name;
    this.topics = topics;
  }

  owner(partition: number): SimulatedProcess | undefined {
    return this.#owners.get(partition)?.calls.process;
  }

  get size(): number {
    return this.#members.length;
  }

  add(member: GroupMember): void {
    if (member.left || this.#members.includes(member) || !member.calls.process.alive) return;
    this.#members.push(member);
    member.calls.process.onSilence(() => this.#expect(member));
    this.rebalance();
  }

  remove(member: GroupMember): void {
    const index = this.#members.indexOf(member);
    if (index < 0) return;
    this.#members.splice(index, 1);
    this.rebalance();
  }

  partitionsChanged(): void {
    const { simulation, growthSeenMs } = this.#broker;
    const delay = simulation.chance.int('new partitions seen', 0, growthSeenMs);
    simulation.after(delay, `${this.name} sees new partitions`, () => this.rebalance());
  }

  /** Spreads the partitions evenly; those that can stay stay, unless shuffled. */
  rebalance(): void {
    const { simulation, faults } = this.#broker;
    const count = Math.min(...this.topics.map(topic => this.#broker.partitions(topic)?.length ?? 0));
    const fair = Math.floor(count / Math.max(1, this.#members.length));
    /** So many members have one more. */
    let larger = count - fair * this.#members.length;
    const shuffle = simulation.chance.happens('rebalance shuffles', faults.shuffle);
    const shares = new Map<GroupMember, number>(this.#members.map(member => [member, 0]));
    const target: (GroupMember | undefined)[] = [];
    for (let partition = 0; partition < count; partition++) {
      const owner = this.#owners.get(partition);
      const share = owner && shares.get(owner);
      if (shuffle || owner === undefined || share === undefined || share > fair) continue;
      if (share === fair && larger-- <= 0) continue;
      target[partition] = owner;
      shares.set(owner, share + 1);
    }
    for (let partition = 0; partition < count; partition++) {
      if (target[partition]) continue;
      const least = Math.min(...shares.values());
      const free = this.#members.filter(member => shares.get(member) === least);
      const chosen = free[simulation.chance.int('rebalance gives', 0, Math.max(0, free.length - 1))];
      if (!chosen) continue;
      target[partition] = chosen;
      shares.set(chosen, least + 1);
    }
    for (let partition = 0; partition < count; partition++) this.#move(partition, target[partition]);
  }

  /**
   * Takes partitions from members that were silent for too long; they come back
   * when they are heard of again.
   */
  #expect(member: GroupMember): void {
    const { simulation, sessionMs } = this.#broker;
    const { process } = member.calls;
    simulation.after(sessionMs, `${this.name} misses ${process.name}`, () => {
      if (process.running || !this.#members.includes(member)) return;
      this.remove(member);
      process.after(simulation.chance.int('rejoin', 0, 1_000), `${process.name} rejoins ${this.name}`, () =>
        this.add(member),
      );
    });
  }

  #move(partition: number, to: GroupMember | undefined): void {
    const { simulation, faults } = this.#broker;
    const { chance } = simulation;
    const from = this.#owners.get(partition);
    if (from === to) return;
    if (to) this.#owners.set(partition, to);
    else this.#owners.delete(partition);
    const give = (delay: number) => {
      const label = `${to?.calls.process.name} gets ${this.name}/${partition}`;
      to?.calls.process.after(delay, label, () => this.#give(partition, to));
    };
    const overlap = chance.happens('owners overlap', faults.overlap);
    const soon = chance.int('assignment takes', 1, 50);
    const owned = from?.owned.get(partition);
    if (!from || !owned) {
      give(soon);
      return;
    }
    const { process } = from.calls;
    const waits = !overlap && process.running;
    let given = !waits;
    if (!waits) give(soon);
    const giveOnce = () => {
      if (!given) give(soon);
      given = true;
    };
    const late = overlap ? chance.int('loss noticed', 0, faults.zombieMs) : chance.int('revocation takes', 1, 50);
    process.after(late, `${process.name} loses ${this.name}/${partition}`, () => {
      if (from.owned.get(partition) === owned) this.#take(partition, from);
      giveOnce();
    });
    if (waits) simulation.after(late + this.#broker.sessionMs, `${this.name}/${partition} waits no longer`, giveOnce);
  }

  #give(partition: number, to: GroupMember): void {
    if (this.#owners.get(partition) !== to || to.left) return;
    this.#take(partition, to);
    const [topic = ''] = this.topics;
    const owned = new SimulatedOwnedPartition(to.calls, this.name, topic, partition);
    to.owned.set(partition, owned);
    for (const watch of this.#broker.assignedWatches) watch(to.calls.process, partition);
    to.assigned(owned);
  }

  #take(partition: number, from: GroupMember): void {
    const owned = from.owned.get(partition);
    if (!owned) return;
    from.owned.delete(partition);
    for (const watch of this.#broker.lostWatches) watch(from.calls.process, partition);
    owned.lose(new TenfoldError('conflict', `${this.name}/${partition} went to another member`));
  }
}
