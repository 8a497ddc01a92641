// A process of the simulation with clients that call one limited function again and again, over
// what the product has of limits and budgets.
import { createLeasedBudgets } from '../../../drivers/budgets/leased/leased-budgets.ts';
import { createCallLimits, type LimitSettings } from '../../../gateway/upstream/policies/call-limits.ts';
import type { SimulatedProcess } from '../kernel/process.ts';
import type { SimulatedDownstream } from './simulated-downstream.ts';
import { createSimulatedLeases, type LeaseFaults, type SimulatedLeaseServer } from './simulated-leases.ts';

export interface CallerOptions {
  readonly process: SimulatedProcess;
  readonly server: SimulatedLeaseServer;
  readonly faults: LeaseFaults;
  readonly downstream: SimulatedDownstream;
  readonly settings: LimitSettings;
  /** How long the next call takes. */
  readonly callMs: () => number;
}

export class SimulatedCaller {
  settings: LimitSettings;
  clients = 0;
  cut = false;
  done = 0;
  readonly process: SimulatedProcess;
  readonly #options: CallerOptions;
  readonly #budgets;
  readonly #limits;
  #running = 0;

  constructor(options: CallerOptions) {
    this.#options = options;
    this.process = options.process;
    this.settings = options.settings;
    const { world } = this.process;
    const leases = createSimulatedLeases(options.server, this.process, options.faults, () => this.cut);
    this.#budgets = createLeasedBudgets({ world, leases });
    this.#limits = createCallLimits(world, { budgets: this.#budgets, name: 'f' });
  }

  get view() {
    return this.#limits.view;
  }

  /** So many clients from now on, each with one call after the other. */
  load(clients: number): void {
    this.clients = clients;
    this.process.after(0, 'load', () => {
      while (this.#running < this.clients) this.#startClient();
    });
  }

  close(graceMs: number): Promise<void> {
    return this.#budgets.close(graceMs);
  }

  #startClient(): void {
    this.#running++;
    const { downstream, callMs } = this.#options;
    const go = () => {
      downstream.call(callMs(), () =>
        this.process.after(0, 'answer', () => {
          this.#limits.give();
          this.done++;
          next();
        }),
      );
    };
    const again = () => void this.process.after(20, 'client tries again', next);
    const next = () => {
      if (this.#running > this.clients) {
        this.#running--;
        return;
      }
      if (this.#limits.tryTake(this.settings)) go();
      else if (!this.#limits.wait(this.settings, { go, tooLate: again, crowdedOut: again })) again();
    };
    next();
  }
}
