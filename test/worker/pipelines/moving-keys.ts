// A Topic whose keys move, as it gets more partitions, and a Pipeline that counts them: over the
// embedded log, and over Kafka where that runs.
import { randomUUID } from 'node:crypto';
import { pipelineGroupOf, topicOf } from '../../../core/names.ts';
import { realWorld } from '../../../core/world.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import { partitionOf } from '../../../drivers/event-log/partitioner.ts';
import type { Store } from '../../../drivers/store/store.ts';
import { createDeadLetters } from '../../../worker/dispatch/dead-letters/dead-letters.ts';
import type { RunningPipeline } from '../../../worker/pipelines/run-pipeline.ts';
import { createClients } from '../../drivers/event-log/kafka/kafka-cases.ts';
import { openLog } from '../../drivers/event-log/sqlite/open-log.ts';
import { temporaryFolder } from '../../drivers/sqlite/temporary-folder.ts';
import { openStore } from '../../drivers/store/sqlite/open-store.ts';
import { eventually } from '../../eventually.ts';
import { kafka } from '../../services/kafka.ts';
import { findService } from '../../services/service.ts';
import { eventsOf, publishAll, resourcesOf, startPipeline } from './harness.ts';

export const BEFORE = 3;
export const AFTER = 5;
/** As the Topic has it: counted in place. */
export const BY = '${event.data.key}';
/** Brought together first. */
export const OTHERWISE = '${string(event.data.key)}';
export const KEYS = Array.from({ length: 12 }, (_, n) => `k${n}`);
export const at = (second: number) => new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString();

const clients = createClients();

/** To be called when a test file loads. */
export function findLogs(): readonly FoundLog[] {
  const service = findService(kafka);
  const embedded: FoundLog = { over: 'the embedded log', brokers: undefined };
  return service ? [embedded, { over: 'Kafka', brokers: () => service.url().split(',') }] : [embedded];
}

export interface FoundLog {
  readonly over: 'the embedded log' | 'Kafka';
  /** Undefined: there are none. */
  readonly brokers: (() => readonly string[]) | undefined;
}

export interface Counted {
  /** That the resource declares. */
  readonly partitions: number;
  readonly by: string;
  /** Of the Pipeline; undefined: as the Topic. */
  readonly name?: string;
  readonly start?: string;
  readonly shape?: string;
  /** More steps, after a comma. */
  readonly behind?: string;
}

export class MovingKeys {
  readonly over: FoundLog['over'];
  readonly topic = `m${randomUUID().slice(0, 8)}`;
  readonly log: EventLog;
  /** The log, as another process has it. */
  readonly other: EventLog;
  readonly store: Store;
  running: RunningPipeline | undefined;
  readonly #folders: readonly { remove(): void }[];

  private constructor(
    over: FoundLog['over'],
    { log, other, store }: Pick<MovingKeys, 'log' | 'other' | 'store'>,
    folders: readonly { remove(): void }[],
  ) {
    this.over = over;
    this.log = log;
    this.other = other;
    this.store = store;
    this.#folders = folders;
  }

  static async open({ over, brokers }: FoundLog): Promise<MovingKeys> {
    const folders = [temporaryFolder(), temporaryFolder()] as const;
    const store = await openStore(folders[0].file);
    const log = brokers ? clients.open([...brokers()]) : await openLog(folders[1].file);
    const other = brokers ? clients.open([...brokers()]) : log;
    return new MovingKeys(over, { log, other, store }, folders);
  }

  /** To be called once all are closed. */
  static closeClients(): Promise<void> | void {
    return clients.closeAll();
  }

  get name(): string {
    return topicOf('default', this.topic);
  }

  async close(): Promise<void> {
    const { log, store, topic } = this;
    await this.running?.close(1_000);
    for (const { name } of await log.topics()) if (name.includes(topic)) await log.deleteTopic(name);
    if (this.over !== 'Kafka') await log.close();
    await store.close();
    for (const folder of this.#folders) folder.remove();
  }

  resources({ partitions, by, name = this.topic, start = 'earliest', shape = 'tumbling: 10s', behind = '' }: Counted) {
    const { topic } = this;
    return resourcesOf(`kind: Topic; metadata: { name: ${topic} }; spec: { partitions: ${partitions}, key: "${BY}" }
kind: Topic; metadata: { name: ${topic}-out }; spec: { partitions: 1 }
kind: Pipeline; metadata: { name: ${name} }; spec: { from: { topic: ${topic}, start: "${start}" }, time: { maxDisorder: 2s, idle: never }, steps: [{ window: { ${shape}, by: "${by}", aggregate: { count: count() } } }${behind}], to: [{ topic: ${topic}-out }] }`);
  }

  begin(how: Counted, log = this.log): Promise<RunningPipeline> {
    return startPipeline({ log, store: this.store, resources: this.resources(how) });
  }

  async start(partitions: number, by: string, name = this.topic): Promise<void> {
    this.running = await this.begin({ partitions, by, name });
  }

  /** Each where its key belongs. */
  publishAt(
    events: readonly { readonly key: string; readonly time: string }[],
    partitions: number,
    through = this.log,
  ): Promise<void> {
    return publishAll(
      through,
      this.topic,
      events.map(({ key, time }) => ({
        ...{ data: { key }, key, time },
        ...{ partition: partitionOf(key, partitions), id: randomUUID() },
      })),
    );
  }

  /** Of all keys. */
  publish(seconds: readonly number[], partitions: number, through = this.log): Promise<void> {
    const events = seconds.flatMap(second => KEYS.map(key => ({ key, time: at(second) })));
    return this.publishAt(events, partitions, through);
  }

  /** One for each partition, after all others. */
  publishEnd(partitions: number, through = this.log): Promise<void> {
    const numbers = Array.from({ length: 100 }, (_, n) => `end ${n}`);
    const ends = Array.from({ length: partitions }, (_, partition) =>
      numbers.find(key => partitionOf(key, partitions) === partition),
    );
    const events = ends.flatMap(key => key ?? []).map(key => ({ key, time: at(100_000) }));
    return this.publishAt(events, partitions, through);
  }

  /** By another process: this one has just asked how many there are. */
  async grow(): Promise<void> {
    await this.log.bounds(this.name);
    await this.other.ensureTopic(this.name, { partitions: AFTER });
  }

  handled(count: number): Promise<void> {
    const isHandled = () => this.running?.stages.get('source')?.totals.handled === count;
    return eventually(isHandled, `${count} are handled`);
  }

  /** By owned partition; empty: it has none. */
  troubles(): string[] {
    return this.running?.stages.get('source')?.partitions.map(each => each.trouble ?? '') ?? [];
  }

  /** The results, in order. */
  async results() {
    const events = await eventsOf(this.log, `${this.topic}-out`);
    // After a crash the same result may come again, with the same id.
    return [...new Map(events.map(event => [event.id, event])).values()]
      .map(({ data }) => data as { readonly key: string; readonly start: string; readonly count: number })
      .filter(({ key }) => !key.startsWith('end'));
  }

  async counts(): Promise<number[]> {
    return (await this.results()).map(({ count }) => count);
  }

  async letters(name = this.topic) {
    return (await createDeadLetters(realWorld, this.log, pipelineGroupOf('default', name)).list({}, 100)).letters;
  }
}
