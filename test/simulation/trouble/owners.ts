// The processes that do the work of a run: started, killed, paused, and
// replaced when too few are left.
import type { SimulatedProcess } from '../kernel/process.ts';
import type { Simulation } from '../kernel/simulation.ts';

export interface OwnerOptions<Work> {
  readonly simulation: Simulation;
  /** What a process is called, before its number. */
  readonly name?: string;
  /** Starts the work in a new process. */
  start(process: SimulatedProcess): Work;
  /** A paused process goes on. */
  resumed?(work: Work): void;
}

/** More are not started at once by `keepUp`. */
const MOST_OWNERS = 4;

export class Owners<Work> {
  readonly #options: OwnerOptions<Work>;
  /** Those that run, the one that has run for longest first. */
  readonly #running = new Map<SimulatedProcess, Work>();
  #started = 0;

  constructor(options: OwnerOptions<Work>) {
    this.#options = options;
  }

  get size(): number {
    return this.#running.size;
  }

  get first(): Work | undefined {
    return this.#running.values().next().value;
  }

  get processes(): readonly SimulatedProcess[] {
    return [...this.#running.keys()];
  }

  start(work = this.#options.start): Work {
    const { simulation, name = 'owner' } = this.#options;
    const process = simulation.process(`${name} ${++this.#started}`);
    const started = work(process);
    this.#running.set(process, started);
    process.onSilence(() => this.#running.delete(process));
    return started;
  }

  killFirst(): void {
    this.processes[0]?.kill();
  }

  killAll(): void {
    for (const process of this.processes) process.kill();
  }

  /** For at most so many milliseconds. */
  pauseFirst(mostMs: number): void {
    const [first] = this.#running;
    if (!first) return;
    const [process, work] = first;
    const { simulation, resumed } = this.#options;
    process.pause();
    simulation.after(simulation.chance.int('pause', 100, mostMs), 'resume', () => {
      process.resume();
      resumed?.(work);
      if (process.running) this.#running.set(process, work);
    });
  }

  /** Two at least, and one more where somebody joins. */
  keepUp(joins: boolean, most = MOST_OWNERS): void {
    if (this.size < 2) this.start();
    if (joins && this.size < most) this.start();
  }
}
