// The phase state of a feature on its way out of legacy: its phase, and in a canary the share of
// clients that the new side answers.

export const PHASES = ['legacy', 'shadow', 'canary', 'live', 'retired'] as const;

export type Phase = (typeof PHASES)[number];

export interface PhaseState {
  readonly phase: Phase;
  /**
   * Share of the clients that the new side answers, in percent. In all phases but canary
   * it follows from the phase.
   */
  readonly percent: number;
}

export function phaseStateAt(phase: Phase, percent: number): PhaseState {
  switch (phase) {
    case 'legacy':
    case 'shadow':
      return { phase, percent: 0 };
    case 'canary':
      return { phase, percent };
    case 'live':
    case 'retired':
      return { phase, percent: 100 };
  }
}

export function isSamePhaseState(one: PhaseState, other: PhaseState): boolean {
  return one.phase === other.phase && one.percent === other.percent;
}

/** For people: `canary 10%`, `live`. */
export function describePhaseState({ phase, percent }: PhaseState): string {
  return phase === 'canary' ? `canary ${percent}%` : phase;
}

/**
 * One step on; `steps` are the percentages of the canary. Undefined after live: whether legacy can
 * be retired is a person's decision.
 */
export function nextPhaseState(now: PhaseState, steps: readonly number[]): PhaseState | undefined {
  switch (now.phase) {
    case 'legacy':
      return phaseStateAt('shadow', 0);
    case 'shadow':
    case 'canary': {
      const percent = steps.find(step => step > now.percent);
      return percent === undefined ? phaseStateAt('live', 100) : phaseStateAt('canary', percent);
    }
    case 'live':
    case 'retired':
      return undefined;
  }
}
