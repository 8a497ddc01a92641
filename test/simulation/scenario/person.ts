// A person who looks at dead letters and at what is parked, and decides: at random while things go
// wrong, and about everything that waits for a decision at the end.
import { TenfoldError } from '../../../core/errors.ts';
import { parkingLogTopicOf } from '../../../core/names.ts';
import { sleep } from '../../../core/world.ts';
import { requestCancel } from '../../../worker/dispatch/commands/cancel.ts';
import { orderParked, outcomesOf, type ParkedOrder } from '../../../worker/dispatch/commands/parked-orders.ts';
import type { DeadLetters } from '../../../worker/dispatch/dead-letters/dead-letter-options.ts';
import { createDeadLetters } from '../../../worker/dispatch/dead-letters/dead-letters.ts';
import type { DispatchSettings } from '../../../worker/dispatch/settings.ts';
import { parkedLanesOf } from '../../../worker/parking-log/parked-lanes.ts';
import { openParkedReaders } from '../../../worker/parking-log/parked-reader.ts';
import { GROUP, TOPIC } from '../consumers/consumer.ts';
import type { SimulatedProcess } from '../kernel/process.ts';
import type { SimulatedBroker } from '../log/broker.ts';
import { SimulatedLog } from '../log/simulated-log.ts';
import type { Ledger } from '../model/ledger.ts';

export type Verb = 'redrive' | 'skip' | 'purge' | 'cancel' | ParkedOrder['verb'];

export interface PersonOptions {
  readonly order: DispatchSettings['order'];
  readonly saw: (sight: string) => void;
  readonly fail: (error: unknown) => void;
}

export class Person {
  readonly #process: SimulatedProcess;
  readonly #log: SimulatedLog;
  readonly #ledger: Ledger;
  readonly #letters: DeadLetters;
  readonly #options: PersonOptions;

  constructor(broker: SimulatedBroker, ledger: Ledger, options: PersonOptions) {
    this.#process = broker.simulation.process('person');
    this.#log = new SimulatedLog(broker, this.#process);
    this.#ledger = ledger;
    this.#letters = createDeadLetters(this.#process.world, this.#log, GROUP);
    this.#options = options;
  }

  /** Asks for something that may come at a bad time, be impossible, or get lost. */
  command(verb: Verb): void {
    const { chance } = this.#process.simulation;
    const act = async () => {
      if (verb === 'cancel') {
        const events = this.#ledger.events;
        const event = events[chance.int('cancels', 0, Math.max(0, events.length - 1))];
        if (!event) return;
        this.#ledger.note(event, 'is to be cancelled');
        await requestCancel(this.#log, GROUP, event.partition, event.record.offset);
        return;
      }
      if (verb === 'retry' || verb === 'give-up') return this.#order(verb);
      const { letters } = await this.#letters.list({}, 100);
      const letter = letters[chance.int(`${verb}s`, 0, Math.max(0, letters.length - 1))];
      if (!letter) return;
      this.#ledger.note(this.#ledger.find(letter.partition, letter.offset), `is asked to ${verb}`);
      await this.#letters[verb](letter.id);
    };
    act().catch(error => {
      if (!(error instanceof TenfoldError)) this.#options.fail(error);
    });
  }

  /** For one parked event, or for all of its lane in their order. */
  async #order(verb: ParkedOrder['verb']): Promise<void> {
    const { world, simulation } = this.#process;
    const { chance } = simulation;
    const parkingLog = parkingLogTopicOf(GROUP);
    const readers = await openParkedReaders(this.#log, { group: GROUP, topic: TOPIC, parkingLog });
    const reader = readers[chance.int('partition of orders', 0, Math.max(0, readers.length - 1))];
    if (reader === undefined) return;
    const { entries } = await reader.read();
    const lanes = parkedLanesOf(this.#options.order, entries.values());
    const lane = lanes[chance.int('lane of orders', 0, Math.max(0, lanes.length - 1))];
    if (lane === undefined) return;
    const one = chance.happens('not its head', 0.2) ? lane.entries.slice(-1) : [lane.head];
    const events = chance.happens('whole lane', 0.3) ? lane.entries : one;
    const orders = events.map(({ event, generation }): ParkedOrder => ({ verb, event, generation }));
    for (const { event } of orders)
      this.#ledger.note(this.#ledger.find(reader.partition, event), `is asked to ${verb}`);
    const places = await orderParked(this.#log, parkingLog, reader.partition, orders);
    const outcomes = await outcomesOf(world, reader, places, 20_000, new AbortController().signal);
    for (const outcome of outcomes) this.#options.saw(`an order to ${verb}: ${outcome}`);
  }

  /** Lets half of what is held be tried again, and the rest go; again until nothing is held. */
  decide(isHeld: () => boolean): void {
    const { world, simulation } = this.#process;
    const act = async () => {
      while (isHeld()) {
        const { letters } = await this.#letters.list({ held: true }, 100);
        for (const letter of letters) {
          const verb = simulation.chance.happens('redriven', 0.5) ? 'redrive' : 'skip';
          this.#ledger.note(this.#ledger.find(letter.partition, letter.offset), `is asked to ${verb} at last`);
          await this.#letters[verb](letter.id).catch(error => {
            // Decided already, and not carried out yet.
            if (!(error instanceof TenfoldError)) throw error;
          });
        }
        await sleep(world, 5_000);
      }
    };
    act().catch(this.#options.fail);
  }
}
