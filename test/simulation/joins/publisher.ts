// Who publishes to the Topics of a simulated join: steadily, in bursts or not at all, to one or
// both; always in order of time, up to the allowed disorder.
import { toRecord } from '../../../core/cloudevents/record.ts';
import type { NewRecord } from '../../../drivers/event-log/event-log.ts';
import type { Simulation } from '../kernel/simulation.ts';
import { EPOCH } from '../kernel/virtual-time.ts';
import type { SimulatedBroker } from '../log/broker.ts';
import { DISORDER, END, ORDERS, PAYMENTS, type Variant } from './app.ts';

export const MANNERS = ['steady', 'burst', 'silence', 'orders alone', 'payments alone'] as const;

const KEYS = 4;
/** Of an event after which all before it is over. */
const FAR_MS = 1e9;

interface Sent {
  readonly topic: string;
  readonly record: NewRecord;
}

export class Publisher {
  readonly #simulation: Simulation;
  readonly #broker: SimulatedBroker;
  readonly #variant: Variant;
  readonly #untilMs: number;
  readonly #seen: (sight: string) => void;
  readonly #sent: Sent[] = [];
  #topics: readonly [string, ...string[]] = [ORDERS, PAYMENTS];
  #imported = Date.UTC(2000, 0, 1);
  #events = 0;

  constructor(
    simulation: Simulation,
    broker: SimulatedBroker,
    variant: Variant,
    untilMs: number,
    seen: (sight: string) => void,
  ) {
    this.#simulation = simulation;
    this.#broker = broker;
    this.#variant = variant;
    this.#untilMs = untilMs;
    this.#seen = seen;
  }

  start(): void {
    const { chance, now } = this.#simulation;
    if (now > this.#untilMs) return;
    const manner = chance.pick('manner', MANNERS);
    this.#seen(manner);
    if (manner === 'silence') {
      this.#rest(chance.int('silence', 3_000, 30_000));
      return;
    }
    this.#topics = manner === 'orders alone' ? [ORDERS] : manner === 'payments alone' ? [PAYMENTS] : [ORDERS, PAYMENTS];
    const [least, most] = manner === 'burst' ? [0, 30] : [50, 2_000];
    this.#publishUntil(now + chance.int('for', 1_000, 15_000), least, most, chance.int('events', 10, 40));
  }

  /** To every partition: all before it is over. */
  end(): void {
    for (const topic of [ORDERS, PAYMENTS])
      for (let partition = 0; partition < this.#partitions(topic); partition++)
        this.#append(topic, `${END} ${topic}`, this.#now() + FAR_MS, partition, false);
  }

  #partitions(topic: string): number {
    return this.#broker.partitions(topic)?.length ?? 0;
  }

  #rest(ms: number): void {
    this.#simulation.after(ms, 'next manner', () => this.start());
  }

  #publishUntil(ms: number, least: number, most: number, left: number): void {
    const { chance, now } = this.#simulation;
    if (now > Math.min(ms, this.#untilMs) || left === 0) {
      this.#rest(chance.int('rest', 50, 2_000));
      return;
    }
    this.#publish();
    this.#simulation.after(chance.int('publishing', least, most), 'publish', () =>
      this.#publishUntil(ms, least, most, left - 1),
    );
  }

  #publish(): void {
    const { chance } = this.#simulation;
    const again = chance.happens('published again', 0.1) ? this.#sent.at(-chance.int('again', 1, 20)) : undefined;
    if (again) {
      this.#seen('an event is published twice');
      this.#broker.append(again.topic, [again.record], 'publisher');
    }
    const topic = chance.pick('topic', this.#topics);
    const key = `key ${chance.int('key', 1, KEYS)}`;
    this.#imported += chance.int('time goes on', 0, 1_500);
    const partition = chance.int('partition', 0, this.#partitions(topic) - 1);
    const time = this.#now() - chance.int('disorder', 0, DISORDER);
    this.#append(topic, key, time, partition, topic === ORDERS && chance.happens('skipped', 0.2));
  }

  #now(): number {
    return this.#variant.imported ? this.#imported : EPOCH + this.#simulation.now;
  }

  #append(topic: string, key: string, time: number, partition: number, skip: boolean): void {
    const n = ++this.#events;
    const event = {
      ...{ specversion: '1.0', id: `e${n}`, source: '/test', type: 'Test' },
      ...{ time: new Date(time).toISOString(), data: { key, n, skip } },
    } as const;
    const record = { ...toRecord({ ...event, specversion: '1.0' }, key), partition };
    this.#sent.push({ topic, record });
    this.#broker.append(topic, [record], 'publisher');
  }
}
