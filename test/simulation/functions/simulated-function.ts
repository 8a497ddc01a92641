// A function that all processes call: it answers late or never, fails for some keys, for all, or
// for good; what each caller is told goes to the ledger.
import type { DeliveryItem, Destination, Doubt, Outcome } from '../../../worker/deliver/destination.ts';
import type { SimulatedProcess } from '../kernel/process.ts';
import type { Simulation } from '../kernel/simulation.ts';
import type { Call, Ledger } from '../model/ledger.ts';
import type { FunctionFaults } from '../scenario/plan.ts';

export class SimulatedFunction {
  faults: FunctionFaults;
  /** Nobody answers, or nobody is there. */
  down = false;
  readonly #simulation: Simulation;
  readonly #ledger: Ledger;
  readonly #failures = new Map<string, number>();
  readonly #fail: (error: unknown) => void;

  constructor(simulation: Simulation, ledger: Ledger, faults: FunctionFaults, fail: (error: unknown) => void) {
    this.#fail = fail;
    this.#simulation = simulation;
    this.#ledger = ledger;
    this.faults = faults;
  }

  destinationFor(process: SimulatedProcess): Destination {
    return {
      label: 'function simulated',
      deliver: (items, signal) => {
        const call = this.#check(() => this.#ledger.begins(process, items, signal));
        return new Promise(resolve => {
          if (call) this.#call(call, resolve);
        });
      },
    };
  }

  /** A broken promise must not get lost in what the caller does with errors. */
  #check<T>(act: () => T): T | undefined {
    try {
      return act();
    } catch (error) {
      this.#fail(error);
      return undefined;
    }
  }

  #call(call: Call, resolve: (outcomes: readonly Outcome[]) => void): void {
    const { chance } = this.#simulation;
    const { latencyMs, slow, deadlineMs, hangs } = this.faults;
    let answered = false;
    const answer = (outcomes: readonly Outcome[]) => {
      if (answered) return;
      answered = true;
      call.signal.removeEventListener('abort', onAbort);
      this.#check(() => this.#ledger.answered(call, outcomes));
      resolve(outcomes);
    };
    // A caller that gives up is told something, at once or a little later.
    const onAbort = () => {
      const given = call.items.map(() => failed('aborted', 'lost'));
      call.process.after(chance.int('abort noticed', 0, 20), 'call aborted', () => answer(given));
    };
    call.signal.addEventListener('abort', onAbort);
    if (call.signal.aborted) onAbort();
    const takes = chance.int('function takes', 0, chance.happens('function is slow', slow) ? deadlineMs : latencyMs);
    const hanging = chance.happens('function hangs', hangs);
    call.process.after(deadlineMs, 'deadline', () => answer(call.items.map(() => failed('timeout', 'lost'))));
    this.#simulation.after(hanging ? deadlineMs + takes : takes, 'function answers', () => {
      const outcomes = this.#outcomes(call.items);
      call.process.after(chance.int('answer takes', 0, 3), 'answer arrives', () => answer(outcomes));
    });
  }

  #outcomes(items: readonly DeliveryItem[]): readonly Outcome[] {
    const { chance } = this.#simulation;
    const { throttles, wholeFails } = this.faults;
    const later = (): Outcome => ({
      kind: 'later',
      afterMs: chance.int('pause asked', 1, 2_000),
      error: { status: 429, message: 'later' },
    });
    if (this.down) {
      const away: Outcome = { kind: 'later', down: true, afterMs: 1_000, error: { status: 503, message: 'not there' } };
      return items.map(() => (chance.happens('down answers', 0.3) ? failed('down', 'status') : away));
    }
    if (chance.happens('function throttles', throttles)) return items.map(later);
    if (chance.happens('call fails whole', wholeFails)) {
      const doubt = chance.happens('call fails in doubt', 0.3) ? 'status' : undefined;
      return items.map(() => failed('whole', doubt));
    }
    return items.map(item => this.#outcome(item));
  }

  #outcome({ record, partition }: DeliveryItem): Outcome {
    const { chance } = this.#simulation;
    const { poison, poisonTimes, poisonDoubt, flaky, refuses, retryAfter } = this.faults;
    if (poison.some(key => `k${key}` === record.key)) {
      const id = `${partition}/${record.offset}`;
      const times = (this.#failures.get(id) ?? 0) + 1;
      this.#failures.set(id, times);
      if (times <= poisonTimes) return failed('poison', poisonDoubt);
    }
    if (chance.happens('item is refused', refuses)) {
      return { kind: 'failed', retryable: false, error: { status: 400, message: 'refused' } };
    }
    if (!chance.happens('item fails', flaky)) return { kind: 'done' };
    const outcome = failed('flaky');
    if (!chance.happens('failure says when', retryAfter)) return outcome;
    return { ...outcome, retryAfterMs: chance.int('retry after', 0, 3_000) };
  }
}

function failed(message: string, doubt?: Doubt): Outcome & { kind: 'failed' } {
  return { kind: 'failed', retryable: true, error: { status: 503, message }, ...(doubt ? { doubt } : {}) };
}
