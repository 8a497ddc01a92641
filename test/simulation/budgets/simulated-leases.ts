// Leases as several processes of the simulation reach them: answers take time, get lost on either
// way, and the server may be replaced by one that has forgotten.
import { TenfoldError } from '../../../core/errors.ts';
import { decideLease, type Slice } from '../../../drivers/store/lease-book.ts';
import type { LeaseGrant, LeaseRequest, Leases } from '../../../drivers/store/leases.ts';
import type { SimulatedProcess } from '../kernel/process.ts';
import type { Simulation } from '../kernel/simulation.ts';

export interface LeaseFaults {
  /** Longest way of a request or an answer, milliseconds. */
  readonly latencyMs: number;
  /** Chance of a request, and of an answer, to get lost. */
  readonly lost: number;
}

/** After so long whoever asked is told that nobody answered. */
const TIMEOUT_MS = 1_000;
/** What a replica that takes over may have missed. */
const KEPT_STATES = 200;

export class SimulatedLeaseServer {
  /** By budget. */
  books = new Map<string, readonly Slice[]>();
  requests = 0;
  away = false;
  readonly #simulation: Simulation;
  readonly #before: Map<string, readonly Slice[]>[] = [];
  #epoch = { id: 'e0', since: -1e9 };

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
  }

  /**
   * A server takes over that has missed the last `missed` changes; all of
   * them when there were no more.
   */
  failOver(missed: number): void {
    this.books = new Map(this.#before.at(-missed) ?? []);
    this.#epoch = { id: `e${this.#simulation.now}`, since: this.#simulation.now };
  }

  take(budget: string, request: LeaseRequest): LeaseGrant {
    this.requests++;
    const { now } = this.#simulation;
    const epoch = { id: this.#epoch.id, quietUntil: this.#epoch.since + request.ttlMs };
    const { slices, grant } = decideLease(this.books.get(budget) ?? [], request, now, epoch);
    if (!grant) throw new TenfoldError('conflict', 'an earlier turn');
    this.#before.push(new Map(this.books));
    if (this.#before.length > KEPT_STATES) this.#before.shift();
    this.books.set(budget, slices);
    return grant;
  }
}

/** What one process has of it. `cut`: nothing of that process arrives. */
export function createSimulatedLeases(
  server: SimulatedLeaseServer,
  process: SimulatedProcess,
  faults: LeaseFaults,
  isCut: () => boolean,
): Leases {
  const { simulation } = process;
  const { chance } = simulation;
  const way = () => chance.unit('latency') * faults.latencyMs;
  const isLost = () => isCut() || server.away || chance.happens('lost', faults.lost);
  return {
    lease: (_scope, budget, request) =>
      new Promise((resolve, reject) => {
        const fail = () => reject(new TenfoldError('store-unavailable', 'nobody answered'));
        const timeout = process.after(TIMEOUT_MS, 'lease timeout', fail);
        if (isLost()) return;
        simulation.after(way(), 'lease asked', () => {
          let outcome: () => void;
          try {
            const grant = server.take(budget, request);
            outcome = () => resolve(grant);
          } catch (error) {
            outcome = () => reject(error);
          }
          if (isLost()) return;
          process.after(way(), 'lease answered', () => {
            timeout.cancel();
            outcome();
          });
        });
      }),
  };
}
