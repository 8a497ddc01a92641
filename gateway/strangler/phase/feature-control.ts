// Moves a feature: by command, and by itself when the figures say so; every move is logged with its evidence.
import { TenfoldError } from '../../../core/errors.ts';
import type { GatewayLog } from '../../gateway-log.ts';
import type { PeerGateways, Seen } from '../evidence/peer-gateways.ts';
import { type Decision, decide, type PromotionEvidence, type PromotionRules } from './decide.ts';
import type { FeatureRecord, Move } from './feature-record.ts';
import { describePhaseState, nextPhaseState, type Phase, type PhaseState, phaseStateAt } from './phase-state.ts';
import type { SwitchedBy } from './switches.ts';
import { countChanges, describeBehind, type SyncStatus } from './sync-status.ts';

export interface FeatureControl {
  /**
   * `percent` is for the phase canary; without it the share that the resource declares. Retiring legacy before it has every change is refused
   * unless `force`: it would never get them. All moves reject with `conflict` when another process has just moved the feature elsewhere.
   */
  set(phase: Phase, percent: number | undefined, reason: string, force?: boolean): Promise<void>;
  /** One step on; refused while legacy is too far behind, unless `force`. */
  promote(reason: string, force?: boolean): Promise<void>;
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
  const { record, log, monotonic, strangler, feature, rules, sync, percent: declaredPercent } = options;
  const { peers } = options;

  const behind = () => sync && describeBehind(sync.status(), sync.maxLagMs);

  const seen = (): Seen => {
    const own = record.tally.sums(monotonic());
    return peers?.sum(record.about, own) ?? { figures: own, gateways: 1, unknown: undefined };
  };

  const evidence = (): PromotionEvidence => {
    const { figures, unknown } = seen();
    const why = behind();
    return {
      ...figures,
      elapsed: Math.round(record.elapsed),
      ...(unknown !== undefined && { unknown }),
      ...(why !== undefined && { behind: why }),
    };
  };

  const decision = () => rules && decide(record.phaseState, evidence(), rules);

  const tell = (from: PhaseState, to: PhaseState, by: Move['by'], reason: string, seen: object) => {
    options.moved();
    log(
      by === 'back-out' ? 'warn' : 'info',
      `${feature} of ${strangler}: ${describePhaseState(from)} → ${describePhaseState(to)}`,
      {
        strangler,
        feature,
        from,
        to,
        by,
        reason,
        ...seen,
      },
    );
  };

  /** Whether it was this move that happened. */
  const move = async (to: PhaseState, by: SwitchedBy, reason: string): Promise<boolean> => {
    const from = record.phaseState;
    const seen = evidence();
    if (!(await record.switchTo(to, by, reason))) return false;
    tell(from, to, by, reason, { evidence: seen });
    return true;
  };

  const moveOrSay = async (to: PhaseState, reason: string): Promise<void> => {
    if (await move(to, 'command', reason)) return;
    refuse(
      `Another process has just moved ${feature} to ${describePhaseState(record.phaseState)}. Look, and say it again.`,
    );
  };

  const refuse = (message: string): never => {
    throw new TenfoldError('conflict', message);
  };

  /** The way back is taken from wherever another process has moved the feature meanwhile. */
  const judgeNow = async (): Promise<void> => {
    for (let found = decision(); found && found.verdict !== 'stay'; ) {
      const { verdict, to, because } = found;
      if (await move(to, verdict === 'advance' ? 'promotion' : 'back-out', because)) return;
      const { phase } = record.phaseState;
      if (verdict === 'advance' || phase === 'legacy' || phase === 'retired') return;
      found = { verdict, to, because };
    }
  };
  let judging = false;
  const judge = (): void => {
    if (judging) return;
    judging = true;
    judgeNow()
      .catch(error => {
        log('error', `${feature} of ${strangler} could not be moved`, { strangler, feature, error: String(error) });
      })
      .finally(() => {
        judging = false;
      });
  };

  return {
    async set(phase, percent, reason, force) {
      const retires = phase === 'retired' && record.phaseState.phase !== 'retired';
      if (retires && sync && !force) assertAllWritten(sync.status(), feature, refuse);
      await moveOrSay(phaseStateAt(phase, percent ?? declaredPercent), reason);
    },
    async promote(reason, force) {
      const steps = rules?.steps ?? [declaredPercent > 0 ? declaredPercent : 10];
      const to = nextPhaseState(record.phaseState, steps);
      const why = to && !force ? behind() : undefined;
      if (why !== undefined) refuse(`${feature} is not moved on. ${why} Wait, or insist with force.`);
      if (to) return moveOrSay(to, reason);
      if (record.phaseState.phase === 'retired') refuse(`${feature} is retired: there is no step after that.`);
      refuse(`${feature} is live. Retiring legacy is for good: set the phase "retired" where you mean it.`);
    },
    async backOut(reason) {
      const { phase } = record.phaseState;
      if (phase === 'legacy') refuse(`${feature} is answered by legacy already.`);
      if (phase === 'retired') {
        refuse(`${feature} is retired: legacy is gone for it. Where that is not so, set another phase.`);
      }
      await moveOrSay(phaseStateAt('legacy', 0), reason);
    },
    decision,
    judge,
    consult(everyMs) {
      if (!peers || !rules) return judge();
      const own = { figures: record.tally.sums(monotonic()), rates: record.tally.rates() };
      void peers.exchange(record.about, own, everyMs, rules.window).then(() => {
        record.tally.hear(peers.rates(record.about));
        judge();
      });
    },
    seen,
    follow() {
      record.follow(({ from, to, by, reason }) => tell(from, to, by, reason, { elsewhere: true }));
    },
  };
}

/** Once legacy is retired nothing is written back to it any more. */
function assertAllWritten(status: SyncStatus | undefined, feature: string, refuse: (message: string) => never): void {
  if (status?.lag === 0 || status?.state === 'off') return;
  const missing = status?.lag === undefined ? 'how many changes is not known' : countChanges(status.lag);
  refuse(
    `${feature} is not retired: legacy lacks changes (${missing}), and would never get them. Wait, or insist with force.`,
  );
}
