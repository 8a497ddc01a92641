// Runs the sources of the Topics in force, in every worker. The store decides which of them reads.

import type { SourcePlan } from './source-plan.ts';
import { SourceRelay, type SourceSite } from './source-relay.ts';

export interface RunningSource {
  readonly plan: SourcePlan;
  readonly relay: SourceRelay;
}

export class SourceRunner {
  readonly #site: SourceSite;
  readonly #running = new Map<string, RunningSource>();
  /** By key: ends with what was there before. */
  readonly #ending = new Map<string, Promise<void>>();
  #isClosed = false;

  constructor(site: SourceSite) {
    this.#site = site;
  }

  get running(): readonly RunningSource[] {
    return [...this.#running.values()];
  }

  /** Unchanged ones go on. */
  apply(plans: readonly SourcePlan[]): void {
    if (this.#isClosed) return;
    const wanted = new Map(plans.map(plan => [plan.key, plan]));
    for (const [key, { plan, relay }] of this.#running) {
      if (wanted.get(key)?.fingerprint === plan.fingerprint) continue;
      this.#running.delete(key);
      this.#end(key, relay);
    }
    for (const [key, plan] of wanted) {
      if (this.#running.has(key)) continue;
      this.#running.set(key, { plan, relay: new SourceRelay(this.#site, plan, this.#ending.get(key)) });
    }
  }

  async close(graceMs: number): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.running.map(({ relay }) => relay.close(graceMs)), ...this.#ending.values()]);
  }

  #end(key: string, relay: SourceRelay): void {
    const ended = relay.close(CHANGE_MS).finally(() => {
      if (this.#ending.get(key) === ended) this.#ending.delete(key);
    });
    this.#ending.set(key, ended);
  }
}

/** A source that was changed may finish its transaction for so long. */
const CHANGE_MS = 5_000;
