// A process of the simulation: its own World; it can be paused (everything reaches it late) and
// killed (nothing reaches it any more).
import type { Timer, World } from '../../../core/world.ts';
import { EPOCH, type VirtualTime } from './virtual-time.ts';

interface Task {
  run: (() => void) | undefined;
}

export class SimulatedProcess {
  readonly name: string;
  readonly simulation: VirtualTime;
  readonly world: World;
  /** Milliseconds by which its wall clock is wrong. */
  clockError = 0;
  #state: 'running' | 'paused' | 'dead' = 'running';
  readonly #late: Task[] = [];
  readonly #silenceWatch: (() => void)[] = [];
  #ids = 0;

  constructor(simulation: VirtualTime, name: string) {
    this.simulation = simulation;
    this.name = name;
    const timerLabel = `${name} timer`;
    this.world = {
      now: () => EPOCH + simulation.now + this.clockError,
      monotonic: () => simulation.now,
      after: (ms, run) => this.after(Math.ceil(ms), timerLabel, run),
      random: () => simulation.chance.unit(`${name} random`),
      id: () => this.#id(),
    };
  }

  get alive(): boolean {
    return this.#state !== 'dead';
  }

  get running(): boolean {
    return this.#state === 'running';
  }

  /**
   * Runs `act` inside the process in `ms`: an answer that arrives, a timer. After a pause when it
   * is paused then; never when it is dead.
   */
  after(ms: number, label: string, act: () => void): Timer {
    const task: Task = { run: act };
    const due = this.simulation.after(ms, label, () => {
      if (this.#state === 'running') task.run?.();
      else if (this.#state === 'paused') this.#late.push(task);
    });
    return {
      cancel: () => {
        task.run = undefined;
        due.run = undefined;
      },
    };
  }

  pause(): void {
    if (this.#state !== 'running') return;
    this.#state = 'paused';
    for (const notify of this.#silenceWatch) notify();
  }

  resume(): void {
    if (this.#state !== 'paused') return;
    this.#state = 'running';
    if (this.#late.length > 0) this.simulation.after(0, `${this.name} catches up`, () => this.#catchUp());
  }

  /** What came during a pause, in the order in which it came. */
  #catchUp(): void {
    if (this.#state !== 'running') return;
    this.#late.shift()?.run?.();
    if (this.#late.length > 0) this.simulation.after(0, `${this.name} catches up`, () => this.#catchUp());
  }

  /** Its memory is gone, its timers are dead; what it had asked of others still happens there. */
  kill(): void {
    if (this.#state === 'dead') return;
    this.#state = 'dead';
    this.#late.length = 0;
    for (const notify of this.#silenceWatch.splice(0)) notify();
  }

  /** For the rest of the world: called when it is killed and each time it is paused. */
  onSilence(notify: () => void): void {
    this.#silenceWatch.push(notify);
  }

  #id(): string {
    const digits = Math.floor(this.simulation.chance.unit(`${this.name} id`) * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
    const count = (++this.#ids).toString(16).padStart(12, '0');
    return `${digits}-0000-4000-8000-${count}`;
  }
}
