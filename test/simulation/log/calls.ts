// The way between one process and the simulated log: how long calls and answers take,
// and which of them get lost.
import { TenfoldError } from '../../../core/errors.ts';
import type { SimulatedProcess } from '../kernel/process.ts';
import type { SharedLog } from './shared-log.ts';

/** What happens to a call: it takes effect or not, and the caller learns of it or not. */
export type Fate = 'ok' | 'refused' | 'fails' | 'unknown' | 'half' | 'late';

export class Calls {
  readonly broker: SharedLog;
  readonly process: SimulatedProcess;
  /** Calls that must take effect in the order in which they were made. */
  readonly #queues = new Map<string, (() => void)[]>();

  constructor(broker: SharedLog, process: SimulatedProcess) {
    this.broker = broker;
    this.process = process;
  }

  /** One way, milliseconds. */
  way(label: string): number {
    const { chance } = this.broker.simulation;
    const { slow, slowMs, latencyMs } = this.broker.faults;
    return chance.int(`${label} takes`, 0, chance.happens(`${label} is slow`, slow) ? slowMs : latencyMs);
  }

  /** Whether a plain call fails, and how; half of those that fail have happened. */
  fate(label: string, p: number): Fate {
    const { chance } = this.broker.simulation;
    if (!chance.happens(`${label} fails`, p)) return 'ok';
    return chance.happens(`${label} happened`, 0.5) ? 'unknown' : 'fails';
  }

  /**
   * `effect` is what happens in the log, in one step there. With `queue` calls take effect in their
   * order, but for late ones. Rejects with
   * `log-unavailable` by fate, and with what `effect` throws.
   */
  send<T>(label: string, fate: Fate, effect: () => T, queue?: string): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const { simulation } = this.broker;
    const answer = (act: () => void) => this.process.after(this.way(`answer to ${label}`), `${label} answered`, act);
    const unavailable = () => reject(new TenfoldError('log-unavailable', `${label}: the log gave no answer`));
    if (fate === 'refused') {
      answer(() => reject(new TenfoldError('overloaded', `${label}: too much is waiting`)));
      return promise;
    }
    if (fate === 'late') {
      simulation.after(this.way(label) + simulation.chance.int(`${label} late by`, 1, 20_000), `${label} late`, () => {
        if (!this.broker.down) attempt(effect);
      });
      answer(unavailable);
      return promise;
    }
    const act = () => {
      if (this.broker.down || fate === 'fails') return void answer(unavailable);
      const outcome = attempt(effect);
      if (fate !== 'ok') return void answer(unavailable);
      answer(() => ('value' in outcome ? resolve(outcome.value) : reject(outcome.error)));
    };
    if (queue === undefined) simulation.after(this.way(label), label, act);
    else this.#inOrder(queue, label, act);
    return promise;
  }

  /** A call overtaken by a later one on its way takes effect just before it. */
  #inOrder(queue: string, label: string, act: () => void): void {
    const waiting = this.#queues.get(queue) ?? [];
    this.#queues.set(queue, waiting);
    waiting.push(act);
    this.broker.simulation.after(this.way(label), label, () => {
      const index = waiting.indexOf(act);
      for (const next of waiting.splice(0, index + 1)) next();
    });
  }
}

function attempt<T>(effect: () => T): { value: T } | { error: unknown } {
  try {
    return { value: effect() };
  } catch (error) {
    return { error };
  }
}
