// This file has words and order for a feature that moves out of legacy.

import { counted } from '../../../../core/units/counted.ts';
import type { PlaceReport } from '../../../../gateway/strangler/evidence/place-rates.ts';
import type { ShadowReport, SideReport } from '../../../../gateway/strangler/evidence/tally.ts';
import type { StandingReport } from '../../../../gateway/strangler/report.ts';
import type { Tone } from '../../../parts/tone.ts';
import { numberWords } from '../../../parts/words.ts';

export const toneOfPhase: Readonly<Record<StandingReport['phase'], Tone>> = {
  legacy: 'quiet',
  shadow: 'busy',
  canary: 'busy',
  live: 'good',
  retired: 'good',
};

/** `canary 10%`, `live`. */
export function standingWords({ phase, percent }: StandingReport): string {
  return phase === 'canary' ? `canary ${percent}%` : phase;
}

/** The plan of a step says so what the step does to those who call. */
export function effectWords({ phase, percent }: StandingReport, target: string): string {
  switch (phase) {
    case 'legacy':
      return 'Legacy answers every request. The new side gets none.';
    case 'shadow':
      return `Legacy answers every request. ${target} gets a copy of them, and the answers are compared.`;
    case 'canary':
      return `${target} answers ${percent}% of the clients, and legacy the others.`;
    case 'live':
      return `${target} answers every request. Legacy can still be returned to.`;
    case 'retired':
      return `${target} answers every request. Legacy is gone.`;
  }
}

/** `3 of 120 (2.5%)`. */
export function shareWords(part: number, whole: number): string {
  const percent = whole === 0 ? 0 : (part / whole) * 100;
  return `${numberWords(part)} of ${numberWords(whole)} (${Number(percent.toPrecision(2))}%)`;
}

export function latencyWords({ latency }: SideReport): string {
  if (latency === undefined) return 'not known';
  return [latency.p50, latency.p95, latency.p99].map(ms => `${Number(ms.toPrecision(3))} ms`).join(' · ');
}

const REASONS: Readonly<Record<string, string>> = {
  unsafe: 'with a method that may change something',
  busy: 'while there was no room for copies',
  'no-answer': 'without an answer',
  'too-large': 'larger than maxBody',
  partial: 'answered in part',
  encoding: 'in an unknown encoding',
  binary: 'bytes that differ each time',
  normalize: 'that normalize could not take',
  failed: 'that the new side failed',
};

/** One sentence for each reason why requests were not compared. */
export function uncomparedWords({ uncompared, skipped }: ShadowReport): string[] {
  return [...Object.entries(skipped), ...Object.entries(uncompared)].map(
    ([reason, count]) => `${counted(count, 'request')} ${REASONS[reason] ?? reason}`,
  );
}

/** Mismatches come first, the most frequent of them at the top. */
export function sortedPlaces(places: readonly PlaceReport[]): readonly PlaceReport[] {
  const rank = ({ verdict }: PlaceReport) => (verdict === 'mismatch' ? 0 : 1);
  return places.toSorted((one, other) => rank(one) - rank(other) || other.differs - one.differs);
}
