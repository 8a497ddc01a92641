// A person who looks at dead letters and decides: at random while things go wrong, and about
// everything that waits for a decision at the end.
import { TenfoldError } from '../../../core/errors.ts';
import { sleep } from '../../../core/world.ts';
import { requestCancel } from '../../../worker/dispatch/commands/cancel.ts';
import { createDeadLetters, type DeadLetters } from '../../../worker/dispatch/dead-letters/dead-letters.ts';
import { GROUP } from '../consumers/consumer.ts';
import type { SimulatedProcess } from '../kernel/process.ts';
import type { SimulatedBroker } from '../log/broker.ts';
import { SimulatedLog } from '../log/simulated-log.ts';
import type { Ledger } from '../model/ledger.ts';

export type Verb = 'redrive' | 'skip' | 'purge' | 'cancel';

export class Person {
  readonly #process: SimulatedProcess;
  readonly #log: SimulatedLog;
  readonly #ledger: Ledger;
  readonly #letters: DeadLetters;
  readonly #fail: (error: unknown) => void;

  constructor(broker: SimulatedBroker, ledger: Ledger, fail: (error: unknown) => void) {
    this.#process = broker.simulation.process('person');
    this.#log = new SimulatedLog(broker, this.#process);
    this.#ledger = ledger;
    this.#letters = createDeadLetters(this.#process.world, this.#log, GROUP);
    this.#fail = fail;
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
      const { letters } = await this.#letters.list({}, 100);
      const letter = letters[chance.int(`${verb}s`, 0, Math.max(0, letters.length - 1))];
      if (!letter) return;
      this.#ledger.note(this.#ledger.find(letter.partition, letter.offset), `is asked to ${verb}`);
      await this.#letters[verb](letter.id);
    };
    act().catch(error => {
      if (!(error instanceof TenfoldError)) this.#fail(error);
    });
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
    act().catch(this.#fail);
  }
}
