// Virtual time in one thread: takes what is due next, runs it with all the microtasks it causes,
// and looks whether all is still well.
import { Agenda, type Due } from './agenda.ts';
import { Chance } from './chance.ts';
import { drainMicrotasks } from './drain.ts';
import { SimulatedProcess } from './process.ts';

export class Simulation {
  readonly chance: Chance;
  readonly processes: SimulatedProcess[] = [];
  /** Looked at after every step; throw to fail the run. */
  readonly invariants: (() => void)[] = [];
  readonly #agenda = new Agenda();
  #now = 0;
  #steps = 0;

  constructor(seed: number) {
    this.chance = new Chance(seed);
  }

  /** Milliseconds since the start. */
  get now(): number {
    return this.#now;
  }

  get steps(): number {
    return this.#steps;
  }

  /** Runs `act` in `ms` milliseconds; which of two due at the same time goes first is drawn. */
  after(ms: number, label: string, act: () => void, tie = this.chance.unit('tie')): Due {
    return this.#agenda.add(this.#now + Math.max(0, ms), tie, label, act);
  }

  process(name: string): SimulatedProcess {
    const process = new SimulatedProcess(this, name);
    this.processes.push(process);
    return process;
  }

  /** One step, then all microtasks; false when nothing is left to happen. */
  step(drain = drainMicrotasks): boolean {
    const due = this.#agenda.pop();
    if (!due) return false;
    this.#now = due.time;
    this.#steps++;
    this.chance.note(due.time | 0);
    this.chance.noteText(due.label);
    due.run?.();
    due.run = undefined;
    drain();
    for (const invariant of this.invariants) invariant();
    return true;
  }

  /**
   * Goes on until `until` holds, time `deadline` would be passed or nothing is left to happen;
   * whether `until` holds then.
   */
  run(deadline: number, until: () => boolean = () => false): boolean {
    drainMicrotasks();
    for (;;) {
      if (until()) return true;
      const next = this.#agenda.next;
      if (next === undefined || next > deadline) break;
      this.step();
    }
    this.#now = Math.max(this.#now, deadline);
    return until();
  }

  /**
   * For tests that `await`: goes on, a turn of the event loop for each
   * step, until `work` is settled.
   */
  async drive<T>(work: Promise<T>, maxSteps = 1_000_000): Promise<T> {
    let settled = false;
    const mark = () => {
      settled = true;
    };
    work.then(mark, mark);
    const turn = () => new Promise<void>(resolve => setImmediate(resolve));
    await turn();
    for (let steps = 0; !settled; steps++) {
      if (steps >= maxSteps) throw new Error(`not settled after ${maxSteps} steps`);
      if (!this.step(() => {})) throw new Error('nothing is left to happen, and the promise is still pending');
      await turn();
    }
    return work;
  }

  /** Lets `ms` pass for a test that `await`s. */
  pass(ms: number): Promise<void> {
    return this.drive(new Promise<void>(resolve => this.after(ms, 'pass', resolve)));
  }
}
