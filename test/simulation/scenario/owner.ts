// One place for a process that runs the consumer: started, killed, paused, stopped in good order,
// and started again as another process.
import { TenfoldError } from '../../../core/errors.ts';
import { sleep } from '../../../core/world.ts';
import type { DeadLetter } from '../../../worker/dispatch/settings.ts';
import type { Consumer, RunningConsumer } from '../consumers/consumer.ts';
import type { SimulatedFunction } from '../functions/simulated-function.ts';
import type { SimulatedProcess } from '../kernel/process.ts';
import type { SimulatedBroker } from '../log/broker.ts';
import { SimulatedLog } from '../log/simulated-log.ts';
import type { Ledger } from '../model/ledger.ts';
import type { Limits } from './limits.ts';

/** How long a process may take to stop before it is killed, milliseconds. */
const GRACE_MS = 10_000;

export interface OwnerContext {
  readonly broker: SimulatedBroker;
  readonly ledger: Ledger;
  readonly functions: SimulatedFunction;
  readonly consumer: Consumer;
  readonly limits: Limits;
  /** Called in the process; the answer may get lost. */
  deadLettered(letter: DeadLetter): boolean;
  fail(error: unknown): void;
  /** A rare state was visited. */
  saw(sight: string): void;
}

export class Owner {
  readonly name: string;
  readonly #context: OwnerContext;
  #lives = 0;
  #process: SimulatedProcess | undefined;
  #running: RunningConsumer | undefined;
  #stopping = false;
  /** Asked to start while the former process was still stopping. */
  #startNext = false;

  constructor(context: OwnerContext, name: string) {
    this.#context = context;
    this.name = name;
  }

  get process(): SimulatedProcess | undefined {
    return this.#process;
  }

  start(): void {
    if (this.#process?.alive) {
      this.#startNext = this.#stopping;
      return;
    }
    const { broker, fail } = this.#context;
    this.#stopping = false;
    this.#startNext = false;
    const process = broker.simulation.process(`${this.name}.${++this.#lives}`);
    this.#process = process;
    this.#running = undefined;
    this.#boot(process).catch(fail);
  }

  kill(): void {
    const process = this.#process;
    if (!process?.alive) return;
    process.kill();
    this.#context.ledger.died(process);
    this.#context.ledger.remark(`${process.name} is killed`);
    if (this.#startNext) this.#context.broker.simulation.after(100, `${this.name} starts again`, () => this.start());
  }

  /** Asks it to end; kills it when it does not. */
  stop(): void {
    const process = this.#process;
    const running = this.#running;
    if (!process?.alive) return;
    const { ledger, broker, fail } = this.#context;
    this.#stopping = true;
    ledger.remark(`${process.name} is asked to end`);
    const end = () => {
      if (this.#process === process) this.kill();
    };
    broker.simulation.after(GRACE_MS, `${process.name} must end`, end);
    process.after(0, `${process.name} ends`, () => {
      running?.close().then(end, error => {
        if (error instanceof TenfoldError && error.retryable) end();
        else fail(error);
      });
    });
  }

  async #boot(process: SimulatedProcess): Promise<void> {
    const { broker, consumer, functions, limits, ledger, saw } = this.#context;
    const { world } = process;
    const log = new SimulatedLog(broker, process);
    const deadLettered = async (letter: DeadLetter): Promise<void> => {
      await sleep(world, 1);
      if (!this.#context.deadLettered(letter)) throw new TenfoldError('store-unavailable', 'nobody was told');
    };
    const options = { world, log, limits, destination: functions.destinationFor(process), deadLettered, saw };
    for (;;) {
      ledger.remark(`${process.name} starts`);
      try {
        this.#running = await consumer.start(options);
        return;
      } catch (error) {
        if (!(error instanceof TenfoldError && error.retryable)) throw error;
        await sleep(world, 500);
      }
    }
  }
}
