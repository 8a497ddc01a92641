// Topics as the serving thread knows them without asking. This process alone writes them, so that
// an answered change is the current state.
import { TenfoldError } from '../../../core/errors.ts';
import type { TopicSettings } from '../event-log.ts';
import { noTopic } from '../no-topic.ts';
import type { TopicState } from './requests.ts';

export interface PartitionMirror {
  readonly id: number;
  readonly topic: string;
  readonly number: number;
  /** Offset of the first readable record. */
  first: number;
  /** Offset after the last durable record. */
  next: number;
  readonly changed: Set<() => void>;
  isDeleted: boolean;
}

export interface TopicMirror {
  readonly id: number;
  readonly name: string;
  settings: TopicSettings;
  readonly partitions: PartitionMirror[];
}

export class MirroredTopics {
  readonly #topics = new Map<string, TopicMirror>();

  list(): TopicMirror[] {
    return [...this.#topics.values()];
  }

  find(name: string): TopicMirror | undefined {
    return this.#topics.get(name);
  }

  get(name: string): TopicMirror {
    const topic = this.#topics.get(name);
    if (!topic) throw noTopic(name);
    return topic;
  }

  partition(name: string, number: number): PartitionMirror {
    const { partitions } = this.get(name);
    const partition = partitions[number];
    if (!partition) {
      throw new TenfoldError('not-found', `Topic ${name} has partitions 0 to ${partitions.length - 1}, not ${number}.`);
    }
    return partition;
  }

  /** Takes over what the database says. */
  update(states: readonly TopicState[]): void {
    const left = new Map(this.#topics);
    for (const { id, name, states: partitions, ...settings } of states) {
      const known = this.#topics.get(name);
      const topic = known?.id === id ? known : { id, name, settings, partitions: [] };
      if (topic === known) left.delete(name);
      topic.settings = settings;
      for (const { id, number, start, end } of partitions) {
        topic.partitions[number] ??= {
          id,
          topic: name,
          number,
          first: start,
          next: end,
          changed: new Set(),
          isDeleted: false,
        };
        setBounds(topic.partitions[number], start, end);
      }
      this.#topics.set(name, topic);
    }
    for (const [name, topic] of left) {
      if (this.#topics.get(name) === topic) this.#topics.delete(name);
      for (const partition of topic.partitions) {
        partition.isDeleted = true;
        wake(partition);
      }
    }
  }
}

export function setBounds(partition: PartitionMirror, first: number, next: number): void {
  if (first <= partition.first && next <= partition.next) return;
  partition.first = Math.max(partition.first, first);
  partition.next = Math.max(partition.next, next);
  wake(partition);
}

function wake({ changed }: PartitionMirror): void {
  for (const run of [...changed]) run();
}
