// Moves a feature: by command, and by itself when the figures say so; every move is
// logged with its evidence.
import { TenfoldError } from '../../../core/errors.ts';
import { counted } from '../../../core/units/counted.ts';
import type { GatewayLog } from '../../gateway-log.ts';
import type { PeerGateways, Seen } from '../evidence/peer-gateways.ts';
import { type Decision, decide, type PromotionEvidence, type PromotionRules } from './decide.ts';
import type { FeatureRecord, Move } from './feature-record.ts';
import {
  describePhaseState,
  isSamePhaseState,
  nextPhaseState,
  type Phase,
  type PhaseState,
  phaseStateAt,
} from './phase-state.ts';
import type { SwitchedBy } from './switches.ts';
import { describeBehind, type SyncStatus } from './sync-status.ts';

export interface FeatureControl {
  /**
   * `percent` is for the phase canary; without it the share that the resource declares. Retiring
   * legacy before it has every change is refused unless `force`: it would never get them. All moves
   * reject with `conflict` when another process has just moved the feature elsewhere.
   */
  set(phase: Phase, percent: number | undefined, reason: string, force?: boolean): Promise<void>;
  /**
   * One step on; refused while legacy is too far behind, unless `force`. `to`: what the person was
   * shown; another step is refused.
   */
  promote(reason: string, force?: boolean, to?: PhaseState): Promise<void>;
  /** One step on leads there; undefined where there is no step. */
  next(): PhaseState | undefined;
  /** Back to legacy. */
  backOut(reason: string): Promise<void>;
  /** Looks at the figures, and moves when they say so; not again while a move is under way. */
  judge(): void;
  /**
   * Shares this gateway's evidence with the others, reads theirs, and judges. `everyMs`: how often
   * it is called.
   */
  consult(everyMs: number): void;
  /** Evidence of all gateways within the window. */
  seen(): Seen;
  /** From now on this one reports moves that other processes make. */
  follow(): void;
  /** Decision by the present figures; undefined where the resource leaves it to people. */
  decision(): Decision | undefined;
}

export interface ControlOptions {
  readonly record: FeatureRecord;
  readonly log: GatewayLog;
  readonly monotonic: () => number;
  /** For messages and logs. */
  readonly strangler: string;
  readonly feature: string;
  readonly rules: PromotionRules | undefined;
  /** Undefined where no other gateway serves the feature. */
  readonly peers: PeerGateways | undefined;
  /** Undefined where nothing is written back. */
  readonly sync: { readonly maxLagMs: number; status(): SyncStatus | undefined } | undefined;
  /** The feature has another phase state now. */
  readonly moved: () => void;
  /** Share of the canary as declared. */
  readonly percent: number;
}

export function createFeatureControl(options: ControlOptions): FeatureControl {
  return new ControlOfFeature(options);
}

class ControlOfFeature implements FeatureControl {
  readonly #options: ControlOptions;
  #judging = false;

  constructor(options: ControlOptions) {
    this.#options = options;
  }

  async set(phase: Phase, percent: number | undefined, reason: string, force?: boolean): Promise<void> {
    const { record, feature, sync } = this.#options;
    const retires = phase === 'retired' && record.phaseState.phase !== 'retired';
    if (retires && sync && !force) assertAllWritten(sync.status(), feature);
    await this.#moveOrSay(phaseStateAt(phase, percent ?? this.#options.percent), reason);
  }

  next(): PhaseState | undefined {
    const { record, rules, percent } = this.#options;
    return nextPhaseState(record.phaseState, rules?.steps ?? [percent > 0 ? percent : 10]);
  }

  async promote(reason: string, force?: boolean, meant?: PhaseState): Promise<void> {
    const { record, feature } = this.#options;
    const to = this.next();
    if (meant && !(to && isSamePhaseState(to, meant))) {
      const now = describePhaseState(record.phaseState);
      refuse(`${feature} has moved meanwhile, to ${now}. Look at it again, and decide anew.`);
    }
    const why = to && !force ? this.#behind() : undefined;
    if (why !== undefined) refuse(`${feature} is not moved on. ${why} Wait, or insist with force.`);
    if (to) return this.#moveOrSay(to, reason);
    if (record.phaseState.phase === 'retired') refuse(`${feature} is retired: there is no step after that.`);
    refuse(`${feature} is live. Retiring legacy is for good: set the phase "retired" where you mean it.`);
  }

  async backOut(reason: string): Promise<void> {
    const { record, feature } = this.#options;
    const { phase } = record.phaseState;
    if (phase === 'legacy') refuse(`${feature} is answered by legacy already.`);
    if (phase === 'retired') {
      refuse(`${feature} is retired: legacy is gone for it. Where that is not so, set another phase.`);
    }
    await this.#moveOrSay(phaseStateAt('legacy', 0), reason);
  }

  decision(): Decision | undefined {
    const { record, rules } = this.#options;
    return rules && decide(record.phaseState, this.#evidence(), rules);
  }

  judge(): void {
    if (this.#judging) return;
    this.#judging = true;
    const { log, strangler, feature } = this.#options;
    this.#judgeNow()
      .catch(error => {
        log('error', `${feature} of ${strangler} could not be moved`, { strangler, feature, error: String(error) });
      })
      .finally(() => {
        this.#judging = false;
      });
  }

  consult(everyMs: number): void {
    const { record, peers, rules, monotonic } = this.#options;
    if (!peers || !rules) {
      this.judge();
      return;
    }
    const own = { figures: record.tally.sums(monotonic()), rates: record.tally.rates() };
    void peers.exchange(record.about, own, everyMs, rules.window).then(() => {
      record.tally.hear(peers.rates(record.about));
      this.judge();
    });
  }

  seen(): Seen {
    const { record, peers, monotonic } = this.#options;
    const own = record.tally.sums(monotonic());
    return peers?.sum(record.about, own) ?? { figures: own, gateways: 1, unknown: undefined };
  }

  follow(): void {
    const { record } = this.#options;
    record.follow(({ from, to, by, reason }) => this.#tell(from, to, by, reason, { elsewhere: true }));
  }

  #behind(): string | undefined {
    const { sync } = this.#options;
    return sync && describeBehind(sync.status(), sync.maxLagMs);
  }

  #evidence(): PromotionEvidence {
    const { figures, unknown } = this.seen();
    const why = this.#behind();
    return {
      ...figures,
      elapsed: Math.round(this.#options.record.elapsed),
      ...(unknown !== undefined && { unknown }),
      ...(why !== undefined && { behind: why }),
    };
  }

  /** The way back is taken from wherever another process has moved the feature meanwhile. */
  async #judgeNow(): Promise<void> {
    for (let found = this.decision(); found && found.verdict !== 'stay'; ) {
      const { verdict, to, because } = found;
      if (await this.#move(to, verdict === 'advance' ? 'promotion' : 'back-out', because)) return;
      const { phase } = this.#options.record.phaseState;
      if (verdict === 'advance' || phase === 'legacy' || phase === 'retired') return;
      found = { verdict, to, because };
    }
  }

  async #moveOrSay(to: PhaseState, reason: string): Promise<void> {
    if (await this.#move(to, 'command', reason)) return;
    const { record, feature } = this.#options;
    refuse(
      `Another process has just moved ${feature} to ${describePhaseState(record.phaseState)}. Look, and say it again.`,
    );
  }

  /** Whether it was this move that happened. */
  async #move(to: PhaseState, by: SwitchedBy, reason: string): Promise<boolean> {
    const { record } = this.#options;
    const from = record.phaseState;
    const evidence = this.#evidence();
    if (!(await record.switchTo(to, by, reason))) return false;
    this.#tell(from, to, by, reason, { evidence });
    return true;
  }

  #tell(from: PhaseState, to: PhaseState, by: Move['by'], reason: string, seen: object): void {
    const { log, strangler, feature, moved } = this.#options;
    moved();
    log(
      by === 'back-out' ? 'warn' : 'info',
      `${feature} of ${strangler}: ${describePhaseState(from)} → ${describePhaseState(to)}`,
      { strangler, feature, from, to, by, reason, ...seen },
    );
  }
}

function refuse(message: string): never {
  throw new TenfoldError('conflict', message);
}

/** Once legacy is retired nothing is written back to it any more. */
function assertAllWritten(status: SyncStatus | undefined, feature: string): void {
  if (status?.lag === 0 || status?.state === 'off') return;
  const missing = status?.lag === undefined ? 'how many changes is not known' : counted(status.lag, 'change');
  refuse(
    `${feature} is not retired: legacy lacks changes (${missing}), and would never get them. Wait, or insist with force.`,
  );
}
