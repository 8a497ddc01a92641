// Who publishes to the simulated pipelines: steadily, in bursts or not at all, to some partitions
// or all; always in order of time, up to the allowed disorder.
import { toRecord } from '../../../core/cloudevents/record.ts';
import { topicOf } from '../../../core/names.ts';
import type { NewRecord } from '../../../drivers/event-log/event-log.ts';
import { partitionOf } from '../../../drivers/event-log/partitioner.ts';
import type { Simulation } from '../kernel/simulation.ts';
import { EPOCH } from '../kernel/virtual-time.ts';
import type { SimulatedBroker } from '../log/broker.ts';
import { DISORDER, END, type Variant } from './app.ts';

export const CLICKS = topicOf('default', 'clicks');
export const MANNERS = ['steady', 'burst', 'silence'] as const;

const KEYS = 8;
/** Of an event that closes all windows before it. */
const FAR_MS = 1e9;

export class Publisher {
  readonly #simulation: Simulation;
  readonly #broker: SimulatedBroker;
  readonly #variant: Variant;
  readonly #untilMs: number;
  readonly #seen: (sight: string) => void;
  /** Whether events are published twice now and then. */
  readonly #twice: boolean;
  readonly #sent: NewRecord[] = [];
  /** What is published to for now. */
  #keys: readonly [string, ...string[]] = ['key 0'];
  #partitions: readonly [number, ...number[]] = [0];
  #imported = Date.UTC(2000, 0, 1);
  #events = 0;

  constructor(
    simulation: Simulation,
    broker: SimulatedBroker,
    variant: Variant,
    untilMs: number,
    seen: (sight: string) => void,
    twice: boolean,
  ) {
    this.#simulation = simulation;
    this.#broker = broker;
    this.#variant = variant;
    this.#untilMs = untilMs;
    this.#seen = seen;
    this.#twice = twice;
  }

  start(): void {
    const { chance } = this.#simulation;
    if (this.#simulation.now > this.#untilMs) return;
    const manner = chance.pick('manner', MANNERS);
    this.#seen(manner);
    const [key = 'key 0', ...keys] = Array.from({ length: KEYS }, (_, index) => `key ${index}`).filter(() =>
      chance.happens('a key', 0.6),
    );
    this.#keys = [key, ...keys];
    const [partition = 0, ...partitions] = Array.from({ length: this.#sources }, (_, index) => index).filter(() =>
      chance.happens('a source', 0.6),
    );
    this.#partitions = [partition, ...partitions];
    if (manner === 'burst') this.#burst(chance.int('burst', 20, 60));
    if (manner === 'steady') this.#publishUntil(this.#simulation.now + chance.int('steady for', 2_000, 20_000));
    if (manner === 'silence') this.#rest(chance.int('silence', 3_000, 40_000));
  }

  /** To every partition: all before it is over. */
  end(): void {
    this.#appendToAll(FAR_MS);
  }

  /** To every partition: events come, which end nothing. */
  speak(): void {
    this.#appendToAll(0);
  }

  #appendToAll(aheadMs: number): void {
    for (let partition = 0; partition < this.#sources; partition++)
      this.#append(this.#keyIn(partition), this.#now() + aheadMs, partition, false);
  }

  /** Where events are counted where they are, each must be where its key belongs. */
  #keyIn(partition: number): string {
    for (let tried = 0; ; tried++) {
      const key = `${END} ${tried}`;
      if (partitionOf(key, this.#sources) === partition) return key;
    }
  }

  get #sources(): number {
    return this.#broker.partitions(CLICKS)?.length ?? 0;
  }

  #rest(ms: number): void {
    this.#simulation.after(ms, 'next manner', () => this.start());
  }

  /** One after the other, as fast as answers come. */
  #burst(left: number): void {
    const { chance } = this.#simulation;
    if (left === 0) {
      this.#rest(chance.int('rest', 50, 2_000));
      return;
    }
    this.#publish(1);
    this.#simulation.after(chance.int('next at once', 0, 30), 'publish', () => this.#burst(left - 1));
  }

  #publishUntil(ms: number): void {
    const { chance } = this.#simulation;
    if (this.#simulation.now > Math.min(ms, this.#untilMs)) {
      this.start();
      return;
    }
    this.#publish(chance.int('events', 1, 6));
    this.#simulation.after(chance.int('publishing', 50, 2_000), 'publish', () => this.#publishUntil(ms));
  }

  #publish(count: number): void {
    const { chance } = this.#simulation;
    const again =
      this.#twice && chance.happens('published again', 0.2) ? this.#sent.at(-chance.int('again', 1, 20)) : undefined;
    if (again) {
      this.#seen('an event is published twice');
      this.#broker.append(CLICKS, [again], 'publisher');
    }
    for (let left = count; left > 0; left--) {
      const key = chance.pick('key', this.#keys);
      this.#imported += chance.int('time goes on', 0, 1_500);
      const partition =
        this.#variant.way === 'keyed as the topic'
          ? partitionOf(key, this.#sources)
          : chance.pick('source', this.#partitions);
      this.#append(key, this.#now() - chance.int('disorder', 0, DISORDER), partition, chance.happens('skipped', 0.2));
    }
  }

  #now(): number {
    return this.#variant.time === 'live' ? EPOCH + this.#simulation.now : this.#imported;
  }

  #append(key: string, time: number, partition: number, skip: boolean): void {
    const id = `e${this.#events++}`;
    const data = { key, n: this.#events, skip };
    const event = {
      specversion: '1.0',
      id,
      source: '/test',
      type: 'Click',
      time: new Date(time).toISOString(),
      data,
    } as const;
    const record = { ...toRecord(event, key), partition };
    this.#sent.push(record);
    this.#broker.append(CLICKS, [record], 'publisher');
  }
}
