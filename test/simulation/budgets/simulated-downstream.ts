// A function as it sees its callers: how many calls it has at a time, and how many began in any
// stretch of time, whatever becomes of who made them.
import type { Simulation } from '../kernel/simulation.ts';

export class SimulatedDownstream {
  inFlight = 0;
  most = 0;
  /** When calls began. */
  readonly starts: number[] = [];
  readonly #simulation: Simulation;
  #busyMs = 0;
  #at = 0;

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
  }

  /** Calls back when it has ended; that is for who called, who may have died. */
  call(ms: number, ended: () => void): void {
    this.#account();
    this.inFlight++;
    this.most = Math.max(this.most, this.inFlight);
    this.starts.push(this.#simulation.now);
    this.#simulation.after(ms, 'call ends', () => {
      this.#account();
      this.inFlight--;
      ended();
    });
  }

  /** Calls in flight times milliseconds, so far. */
  get busyMs(): number {
    this.#account();
    return this.#busyMs;
  }

  /** The most that began within any stretch of `periodMs`. */
  mostStarts(periodMs: number): number {
    let most = 0;
    let first = 0;
    for (const [index, at] of this.starts.entries()) {
      while ((this.starts[first] ?? 0) <= at - periodMs) first++;
      most = Math.max(most, index - first + 1);
    }
    return most;
  }

  #account(): void {
    const { now } = this.#simulation;
    this.#busyMs += this.inFlight * (now - this.#at);
    this.#at = now;
  }
}
