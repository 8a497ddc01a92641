// Decides whether a feature advances, stays, or goes back: a pure function of its phase state and
// its counts.
import { counted } from '../../../core/units/counted.ts';
import { describePhaseState, nextPhaseState, type PhaseState } from './phase-state.ts';

export interface PromotionRules {
  /** Largest shares, 0 to 1. */
  readonly maxMismatch: number;
  readonly maxErrorRate: number;
  readonly maxMasked: number;
  readonly maxUncompared: number;
  readonly minimum: number;
  /** A step lasts at least so long, and counts are those of the last so many milliseconds. */
  readonly window: number;
  readonly steps: readonly number[];
}

/** Counts within the window and since the feature's last move. */
export interface PromotionEvidence {
  /** Requests to the new side. */
  readonly requests: number;
  /** How many of those it failed. */
  readonly failed: number;
  /** Pairs of answers, in the phase shadow. */
  readonly compared: number;
  readonly mismatched: number;
  /** Pairs that differ only where legacy differs from itself. */
  readonly masked: number;
  /** Pairs for which legacy was asked twice. */
  readonly measured: number;
  /** Requests that were to be compared and could not be. */
  readonly uncompared: number;
  /** Milliseconds since the feature's last move. */
  readonly elapsed: number;
  /** Why other gateways may have seen more than this; undefined when all is known. */
  readonly unknown?: string | undefined;
  /**
   * Why legacy is too far behind the new side for a step on; undefined when it
   * is not, or need not follow.
   */
  readonly behind?: string | undefined;
}

export interface Decision {
  readonly verdict: 'stay' | 'advance' | 'back-out';
  /** The new state; the present one when it stays. */
  readonly to: PhaseState;
  /** One sentence with the figures. */
  readonly because: string;
}

const BACK: PhaseState = { phase: 'legacy', percent: 0 };

export function decide(now: PhaseState, evidence: PromotionEvidence, rules: PromotionRules): Decision {
  const stay = (because: string): Decision => ({ verdict: 'stay', to: now, because });
  switch (now.phase) {
    case 'legacy':
      return stay('Legacy answers; the first step is for a person to take.');
    case 'retired':
      return stay('Legacy is gone for this feature.');
    case 'shadow':
      return ask(now, evidence, rules, stay);
    case 'canary':
    case 'live':
      if (isFailing(evidence, rules)) return { verdict: 'back-out', to: BACK, because: failures(evidence, rules) };
      return now.phase === 'live' ? stay(`Live. ${failures(evidence, rules)}`) : ask(now, evidence, rules, stay);
  }
}

/**
 * As soon as it failed more requests than it may fail of the smallest number that counts, nothing
 * that follows can make it good.
 */
function isFailing({ requests, failed }: PromotionEvidence, { maxErrorRate, minimum }: PromotionRules): boolean {
  return failed > maxErrorRate * Math.max(requests, minimum);
}

function ask(
  now: PhaseState,
  evidence: PromotionEvidence,
  rules: PromotionRules,
  stay: (because: string) => Decision,
): Decision {
  const inShadow = now.phase === 'shadow';
  const seen = inShadow ? evidence.compared : evidence.requests;
  const figures = inShadow ? `${differences(evidence, rules)} ${failures(evidence, rules)}` : failures(evidence, rules);
  if (evidence.failed > rules.maxErrorRate * evidence.requests) return stay(`Too many failures. ${figures}`);
  if (inShadow && evidence.mismatched > rules.maxMismatch * evidence.compared) {
    return stay(`Too many differences. ${figures}`);
  }
  const unsure = inShadow ? uncertainty(evidence, rules) : undefined;
  if (unsure !== undefined) return stay(`${unsure} ${figures}`);
  if (seen < rules.minimum) return stay(`Waits for ${counted(rules.minimum - seen, 'more request')}. ${figures}`);
  if (evidence.elapsed < rules.window) {
    return stay(`Waits for ${counted(Math.ceil((rules.window - evidence.elapsed) / 1000), 'more second')}. ${figures}`);
  }
  if (evidence.unknown !== undefined) return stay(`Waits for other gateways. ${evidence.unknown} ${figures}`);
  if (evidence.behind !== undefined) return stay(`Waits for legacy. ${evidence.behind} ${figures}`);
  const to = nextPhaseState(now, rules.steps);
  if (!to) return stay(figures);
  return { verdict: 'advance', to, because: `${describePhaseState(now)} went well. ${figures}` };
}

/**
 * Why the comparison does not say enough: too much of it is noise, was not compared, or rests on
 * too few looks at the noise.
 */
function uncertainty(evidence: PromotionEvidence, rules: PromotionRules): string | undefined {
  const { compared, masked, measured, uncompared } = evidence;
  if (uncompared > rules.maxUncompared * (compared + uncompared)) {
    const part = share(uncompared, compared + uncompared);
    return `${counted(uncompared, 'request')} could not be compared (${part}, at most ${percent(rules.maxUncompared)}). See why, or allow more by maxUncompared.`;
  }
  if (masked > rules.maxMasked * compared) {
    const part = share(masked, compared);
    return `${counted(masked, 'answer')} differed only where legacy differs from itself (${part}, at most ${percent(rules.maxMasked)}). Name these places in ignore once they are known to be harmless, or allow more by maxMasked.`;
  }
  if (masked > 0 && measured < rules.minimum) {
    return `Waits until legacy was asked twice for ${counted(rules.minimum - measured, 'more request')}, as differences are taken for noise.`;
  }
  return undefined;
}

function failures({ requests, failed }: PromotionEvidence, { maxErrorRate }: PromotionRules): string {
  return `${failed} of ${requests} requests failed (${share(failed, requests)}, at most ${percent(maxErrorRate)}).`;
}

function differences({ compared, mismatched }: PromotionEvidence, { maxMismatch }: PromotionRules): string {
  return `${mismatched} of ${compared} answers differed (${share(mismatched, compared)}, at most ${percent(maxMismatch)}).`;
}

function share(part: number, whole: number): string {
  return percent(whole === 0 ? 0 : part / whole);
}

function percent(fraction: number): string {
  return `${Number((fraction * 100).toPrecision(3))}%`;
}
