// Which version of the View each process wants, and whether what is kept ever goes back to an older
// one while somebody wants the newer.
import type { Simulation } from '../kernel/simulation.ts';
import type { SimulatedState } from '../store/simulated-state.ts';

export interface Version {
  /** Since when it wants that, and runs without a pause. */
  since: number;
  definition: string;
  readonly isRunning: () => boolean;
}

/** By then a process has told all others what it wants, whatever failed. */
const TOLD_MS = 10_000;

export class Versions {
  wrong: string | undefined;
  readonly #simulation: Simulation;
  readonly #versions = new Set<Version>();
  readonly #seen = new Set<string>();
  #aim: string | undefined;

  constructor(simulation: Simulation, state: SimulatedState, saw: (sight: string) => void) {
    this.#simulation = simulation;
    state.watches.push((_, change) => {
      if (change.kind !== 'put-row' || change.table !== 'generations') return;
      const { serving, building } = JSON.parse(change.value.toString());
      const aim: string | undefined = (building ?? serving)?.definition;
      if (aim === undefined || aim === this.#aim) return;
      if (this.#aim !== undefined && this.#seen.has(aim)) {
        saw('back to an older version');
        const newer = this.#aim;
        const wanted = [...this.#versions].some(({ definition, since, isRunning }) => {
          return definition === newer && isRunning() && this.#simulation.now - since > TOLD_MS;
        });
        if (wanted)
          this.wrong = `at ${this.#simulation.now}: ${newer} gave way to the older ${aim}, though it was wanted`;
      }
      this.#aim = aim;
      this.#seen.add(aim);
    });
  }

  join(definition: string, isRunning: () => boolean): Version {
    const version = { since: this.#simulation.now, definition, isRunning };
    this.#versions.add(version);
    return version;
  }

  change(version: Version, definition: string): void {
    if (version.definition === definition) return;
    version.definition = definition;
    version.since = this.#simulation.now;
  }
}
