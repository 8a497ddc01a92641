// Dispatchers over the simulated log, with a destination that a test scripts and a
// record of all that happened.
import type { LogRecord, NewRecord, Position } from '../../../drivers/event-log/event-log.ts';
import type { DeliveryItem, Outcome } from '../../../worker/deliver/destination.ts';
import { type Dispatcher, type DispatcherOptions, startDispatcher } from '../../../worker/dispatch/dispatcher.ts';
import { silentObserver } from '../../../worker/dispatch/observer.ts';
import type { DeadLetter, DispatchSettings } from '../../../worker/dispatch/settings.ts';
import type { SimulatedProcess } from '../../simulation/kernel/process.ts';
import { Simulation } from '../../simulation/kernel/simulation.ts';
import { EPOCH } from '../../simulation/kernel/virtual-time.ts';
import { SimulatedBroker } from '../../simulation/log/broker.ts';
import { type LogFaults, NO_LOG_FAULTS } from '../../simulation/log/log-faults.ts';
import { SimulatedLog } from '../../simulation/log/simulated-log.ts';

export const settingsFor = (some: Partial<DispatchSettings> = {}): DispatchSettings => ({
  group: 'g',
  topic: 't',
  order: 'key',
  concurrency: 8,
  retry: { attempts: 3, backoff: 'exponential', initial: 1000, max: 60_000 },
  delay: 0,
  onExhausted: 'skip',
  parking: { maxKeys: 1000, maxSize: 10_000_000 },
  deadLetterRetention: 1e9,
  from: 'earliest',
  priority: 0,
  paused: false,
  ...some,
});

export const fail = (some: Partial<Outcome & { kind: 'failed' }> = {}): Outcome => ({
  kind: 'failed',
  retryable: true,
  error: { message: 'no' },
  ...some,
});
export const done: Outcome = { kind: 'done' };

export interface Attempt {
  readonly process: string;
  readonly offset: number;
  readonly text: string;
  readonly key: string | null;
  readonly attempt: number;
  readonly at: number;
  readonly call: number;
  outcome: Outcome['kind'] | undefined;
}

/** Answers for one event; `item.text` is its value. */
export type Script = (item: DeliveryItem & { text: string }) => Outcome | Promise<Outcome>;

export class Harness {
  readonly simulation: Simulation;
  readonly broker: SimulatedBroker;
  readonly attempts: Attempt[] = [];
  readonly deadLettered: DeadLetter[] = [];
  readonly events: string[] = [];
  readonly started = new Map<string, Dispatcher>();
  script: Script = () => done;
  /** How long a call takes, milliseconds. */
  callMs = 5;
  inFlight = 0;
  mostInFlight = 0;
  #calls = 0;

  constructor(partitions = 1, faults: Partial<LogFaults> = {}, seed = 1) {
    this.simulation = new Simulation(seed);
    this.broker = new SimulatedBroker(this.simulation, { ...NO_LOG_FAULTS, ...faults });
    this.broker.ensureTopic('t', { partitions });
  }

  get now(): number {
    return EPOCH + this.simulation.now;
  }

  /** `a1` has the key `a`; `-1` has none. */
  publish(texts: string, headers: Readonly<Record<string, string>> = {}, partition = 0): void {
    const records = texts.split(' ').map<NewRecord>(text => ({
      key: text.startsWith('-') ? null : text.replace(/\d+$/, ''),
      value: Buffer.from(text),
      headers,
      partition,
    }));
    this.broker.append('t', records, 'publisher');
  }

  async start(
    some: Partial<DispatchSettings> = {},
    options: Partial<DispatcherOptions> = {},
    name = 'p',
  ): Promise<{ readonly dispatcher: Dispatcher; readonly process: SimulatedProcess }> {
    const process = this.simulation.process(name);
    const log = new SimulatedLog(this.broker, process);
    const dispatcher = await this.simulation.drive(
      startDispatcher({
        world: process.world,
        log,
        settings: settingsFor(some),
        destination: { label: 'test', deliver: (items, signal) => this.#deliver(process, items, signal) },
        observer: this.#observer(name),
        deadLettered: async letter => {
          this.deadLettered.push(letter);
        },
        ...options,
      }),
    );
    return { dispatcher, process };
  }

  #observer(name: string) {
    return {
      ...silentObserver,
      parked: (_: number, { offset }: LogRecord, follower: boolean) =>
        this.events.push(`${follower ? 'follows' : 'parks'} ${offset}`),
      jumped: (_: number, from: number, to: number) => this.events.push(`jumps ${from}-${to}`),
      parkingLogLost: () => this.events.push('parking log lost'),
      superseded: (_: number, why: string) => this.events.push(`${name} superseded: ${why}`),
      tripped: (failing: boolean) => this.events.push(failing ? 'trips' : 'recovers'),
      askedForLong: (ms: number) => this.events.push(`asks for ${ms} ms`),
      trouble: (_: number, error: unknown) =>
        this.events.push(`trouble: ${error instanceof Error ? error.message : error}`),
    };
  }

  #deliver(
    process: SimulatedProcess,
    items: readonly DeliveryItem[],
    signal: AbortSignal,
  ): Promise<readonly Outcome[]> {
    const call = ++this.#calls;
    this.mostInFlight = Math.max(this.mostInFlight, ++this.inFlight);
    const made = items.map<Attempt>(({ record, attempt }) => ({
      process: process.name,
      offset: record.offset,
      text: Buffer.from(record.value).toString(),
      key: record.key,
      attempt,
      at: this.simulation.now,
      call,
      outcome: undefined,
    }));
    this.attempts.push(...made);
    return new Promise(resolve => {
      process.after(this.callMs, 'call', async () => {
        const outcomes = await Promise.all(
          items.map((item, index) => this.script({ ...item, text: made[index]?.text ?? '' })),
        );
        made.forEach((attempt, index) => {
          attempt.outcome = signal.aborted ? undefined : outcomes[index]?.kind;
        });
        this.inFlight--;
        resolve(outcomes);
      });
    });
  }

  pass(ms: number): Promise<void> {
    return this.simulation.pass(ms);
  }

  /** Texts in the order in which they were attempted; `!` after those that were not handled. */
  get trace(): string {
    return this.attempts.map(({ text, outcome }) => `${text}${outcome === 'done' ? '' : '!'}`).join(' ');
  }

  traceOf(key: string): string {
    const some = this.attempts.filter(attempt => attempt.key === key);
    return some.map(({ text, outcome }) => `${text}${outcome === 'done' ? '' : '!'}`).join(' ');
  }

  get position(): Position | undefined {
    return this.broker.position('g', 't', 0);
  }

  /** What the parking log holds now, as its lines. */
  parkingLog(partition = 0): Record<string, unknown>[] {
    const log = this.broker.partition('g.parked', partition);
    return log.history
      .filter(({ offset }) => log.isReadable(offset))
      .map(({ value }) => JSON.parse(Buffer.from(value).toString().split('\n')[0] ?? ''));
  }
}
