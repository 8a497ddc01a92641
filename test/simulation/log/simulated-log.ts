// The EventLog port as one process of the simulation has it, over the broker that all share.
import { TenfoldError } from '../../../core/errors.ts';
import type {
  AppendedAt,
  Bounds,
  EventLog,
  GroupOptions,
  Member,
  NewRecord,
  Position,
  ReadBatch,
  ReadLimits,
  TopicSettings,
  TopicStatus,
} from '../../../drivers/event-log/event-log.ts';
import type { SimulatedProcess } from '../kernel/process.ts';
import type { SimulatedBroker } from './broker.ts';
import { Calls, type Fate } from './calls.ts';
import { GroupMember } from './group.ts';
import type { SharedLog } from './shared-log.ts';

export class SimulatedLog implements EventLog {
  readonly #broker: SimulatedBroker;
  readonly #calls: Calls;
  readonly #name: string;

  /** `shared`: the same log, where this process draws apart from all others. */
  constructor(broker: SimulatedBroker, process: SimulatedProcess, shared: SharedLog = broker) {
    this.#broker = broker;
    this.#calls = new Calls(shared, process);
    this.#name = process.name;
  }

  ensureTopic(name: string, settings: TopicSettings): Promise<void> {
    return this.#call('ensureTopic', () => this.#broker.ensureTopic(name, settings));
  }

  deleteTopic(name: string): Promise<void> {
    return this.#call('deleteTopic', () => this.#broker.deleteTopic(name));
  }

  topics(): Promise<readonly TopicStatus[]> {
    return this.#call('topics', () =>
      this.#broker.topicNames.flatMap(name => {
        const topic = this.#broker.topic(name);
        return topic ? [{ name, id: topic.id, ...topic.settings }] : [];
      }),
    );
  }

  bounds(topic: string): Promise<readonly Bounds[] | undefined> {
    return this.#call('bounds', () => this.#broker.partitions(topic)?.map(partition => partition.bounds));
  }

  append(topic: string, records: readonly NewRecord[]): Promise<readonly AppendedAt[]> {
    const label = `${this.#name} appends to ${topic}`;
    const fate = this.#appendFate();
    if (fate !== 'half') {
      return this.#calls.send(label, fate, () => this.#broker.append(topic, records, this.#name), label);
    }
    const kept = this.#part(topic, records);
    return this.#calls.send(label, 'unknown', () => this.#broker.append(topic, kept, this.#name), label);
  }

  read(topic: string, partition: number, from: number, limits: ReadLimits): Promise<ReadBatch> {
    return this.#call('read', () => this.#broker.partition(topic, partition).read(from, limits));
  }

  offsetAt(topic: string, partition: number, timeMs: number): Promise<number> {
    return this.#call('offsetAt', () => this.#broker.partition(topic, partition).offsetAt(timeMs));
  }

  trim(topic: string, partition: number, before: number): Promise<void> {
    return this.#call('trim', () => this.#broker.partition(topic, partition).trim(before));
  }

  async join(options: GroupOptions): Promise<Member> {
    const member = new GroupMember(this.#calls, options.assigned);
    const { simulation, faults, sessionMs } = this.#broker;
    const fails = simulation.chance.happens('join fails', faults.callFails);
    const label = `${this.#name} joins ${options.group}`;
    const group = await this.#calls.send(label, fails ? 'fails' : 'ok', () => {
      for (const topic of options.topics) {
        if (!this.#broker.partitions(topic)) throw new TenfoldError('not-found', `there is no topic ${topic}`);
      }
      const joined = this.#broker.group(options.group, options.topics);
      joined.add(member);
      return joined;
    });
    return {
      leave: async () => {
        member.left = true;
        // Heard or not, the log misses it in the end.
        simulation.after(sessionMs, `${options.group} misses ${this.#name}`, () => group.remove(member));
        await this.#call('leave', () => group.remove(member));
      },
    };
  }

  positions(group: string, topic: string): Promise<readonly (Position | undefined)[]> {
    return this.#call('positions', () =>
      (this.#broker.partitions(topic) ?? []).map((_, partition) => this.#broker.position(group, topic, partition)),
    );
  }

  seek(group: string, topic: string, positions: ReadonlyMap<number, Position>): Promise<void> {
    return this.#call('seek', () => {
      if ((this.#broker.groups.get(group)?.size ?? 0) > 0) {
        throw new TenfoldError('conflict', `group ${group} has members`);
      }
      for (const [partition, position] of positions) this.#broker.setPosition(group, topic, partition, position);
    });
  }

  async health(): Promise<{ readonly ok: boolean; readonly reason?: string }> {
    return this.#broker.down ? { ok: false, reason: 'the log is down' } : { ok: true };
  }

  async close(): Promise<void> {}

  #call<T>(name: string, effect: () => T): Promise<T> {
    const { callFails } = this.#calls.broker.faults;
    return this.#calls.send(`${this.#name} ${name}`, this.#calls.fate(name, callFails), effect);
  }

  #appendFate(): Fate {
    const { chance } = this.#broker.simulation;
    const { appendRefused, appendFails, appendUnknown, appendHalf, appendLate } = this.#broker.faults;
    if (chance.happens('append is refused', appendRefused)) return 'refused';
    if (chance.happens('append fails', appendFails)) return 'fails';
    if (chance.happens('append is unknown', appendUnknown)) return 'unknown';
    if (chance.happens('append is late', appendLate)) return 'late';
    return chance.happens('append is half done', appendHalf) ? 'half' : 'ok';
  }

  /** Some of the partitions, and of one of them only the beginning. */
  #part(topic: string, records: readonly NewRecord[]): NewRecord[] {
    if (!this.#broker.partitions(topic)) return [...records];
    const { chance } = this.#broker.simulation;
    const places = this.#broker.place(topic, records);
    const kept = new Map<number, number>();
    for (const place of places) {
      if (kept.has(place)) continue;
      const whole = places.filter(other => other === place).length;
      kept.set(place, chance.int('append keeps', 0, whole));
    }
    return records.filter((_, index) => {
      const place = places[index] ?? 0;
      const left = kept.get(place) ?? 0;
      kept.set(place, left - 1);
      return left > 0;
    });
  }
}
