// The report of a facade for the admin API and its users.

import type { Counted, ShadowReport, Side, SideReport } from './evidence/tally.ts';
import type { Decision } from './phase/decide.ts';
import type { Phase } from './phase/phase-state.ts';
import type { SwitchedBy } from './phase/switches.ts';
import type { SyncReport } from './phase/sync-status.ts';

export interface StandingReport {
  readonly phase: Phase;
  /** Share of the clients that the new side answers. */
  readonly percent: number;
}

export interface FeatureReport extends StandingReport {
  readonly name: string;
  /** Upper case; empty means any. */
  readonly methods: readonly string[];
  /** With the base path. */
  readonly path: string;
  /** The new side, e.g. `function orders`. */
  readonly target: string;
  /** The resource's own setting. */
  readonly declared: StandingReport;
  /** One step on leads there; absent where there is no step. */
  readonly next?: StandingReport;
  /** The reason why the phase state differs from the resource; absent while it does not. */
  readonly switched?: { readonly by: SwitchedBy; readonly at: string; readonly reason: string };
  /** Milliseconds since its last move; everything below was counted since then. */
  readonly elapsedMs: number;
  readonly sides: Readonly<Record<Side, SideReport>>;
  readonly shadow: ShadowReport;
  /** Largest share of differing answers that counts as good, 0 to 1. */
  readonly maxMismatch: number;
  /** Absent where the resource leaves promotion to people. */
  readonly promotion?: {
    readonly verdict: Decision['verdict'];
    readonly because: string;
    readonly windowMs: number;
    /** The figures of all gateways. */
    readonly window: Readonly<Record<Counted, number>>;
    /** How many those are. */
    readonly gateways: number;
  };
  /** Absent where nothing is written back to legacy. */
  readonly sync?: SyncReport;
  /** Newest last. */
  readonly moves: readonly {
    readonly at: string;
    readonly from: StandingReport;
    readonly to: StandingReport;
    readonly by: SwitchedBy | 'resource';
    readonly reason: string;
  }[];
}

export interface StranglerReport {
  readonly namespace: string;
  readonly name: string;
  /** Requests that no feature took. */
  readonly rest: SideReport;
  readonly features: readonly FeatureReport[];
}
