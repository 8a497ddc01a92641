// A partition as one member of a group owns it, until it learns that it no longer does.
import type { OwnedPartition, Position, Reader } from '../../../drivers/event-log/event-log.ts';
import type { Calls } from './calls.ts';
import { SimulatedReader } from './reader.ts';

export class SimulatedOwnedPartition implements OwnedPartition {
  readonly partition: number;
  readonly lost: AbortSignal;
  readonly #controller = new AbortController();
  readonly #calls: Calls;
  readonly #group: string;
  readonly #topic: string;
  readonly #readers = new Map<string, SimulatedReader>();

  constructor(calls: Calls, group: string, topic: string, partition: number) {
    this.partition = partition;
    this.lost = this.#controller.signal;
    this.#calls = calls;
    this.#group = group;
    this.#topic = topic;
  }

  committed(): Promise<Position | undefined> {
    const { broker } = this.#calls;
    const fate = this.#calls.fate('committed', broker.faults.callFails);
    return this.#calls.send(`${this.#label} asks for its position`, fate, () =>
      broker.position(this.#group, this.#topic, this.partition),
    );
  }

  commit(position: Position): Promise<void> {
    const { broker, process } = this.#calls;
    const { chance } = broker.simulation;
    const { commitFails, commitLate, commitUnknown } = broker.faults;
    const fate = chance.happens('commit fails', commitFails)
      ? 'fails'
      : chance.happens('commit is unknown', commitUnknown)
        ? 'unknown'
        : chance.happens('commit is late', commitLate)
          ? 'late'
          : 'ok';
    const write = () => broker.commit(this.#group, this.#topic, this.partition, position, process);
    return this.#calls.send(`${this.#label} commits`, fate, write, `commit ${this.#label}`);
  }

  open(topic: string, from: number): Reader {
    this.#readers.get(topic)?.close();
    const reader = new SimulatedReader(this.#calls, this.lost, topic, this.partition, from);
    this.#readers.set(topic, reader);
    return reader;
  }

  /** From inside the process. */
  lose(reason: Error): void {
    this.#controller.abort(reason);
  }

  get #label(): string {
    return `${this.#calls.process.name} ${this.#group}/${this.partition}`;
  }
}
