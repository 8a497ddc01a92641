// What a facade tells of itself: for the admin API, and for people through it.
import type { Decision } from './decide.ts';
import type { Phase } from './standing.ts';
import type { SwitchedBy } from './switches.ts';
import type { SyncReport } from './sync-status.ts';
import type { Counted, ShadowReport, Side, SideReport } from './tally.ts';

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
  /** What the resource says. */
  readonly declared: StandingReport;
  /** Why the feature stands elsewhere than the resource says; absent while it does not. */
  readonly switched?: { readonly by: SwitchedBy; readonly at: string; readonly reason: string };
  /** Milliseconds since it stands there; everything below was counted since then. */
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
    /** What all gateways have seen. */
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
  /** What no feature took. */
  readonly rest: SideReport;
  readonly features: readonly FeatureReport[];
}
