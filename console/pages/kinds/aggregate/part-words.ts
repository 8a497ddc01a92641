// The words, the times and the places in which a waterfall shows the parts of a request.
import type { PartReport, RequestReport } from '../../../../gateway/plan/requests-report.ts';
import type { Tone } from '../../../parts/tone.ts';

interface PartOutcome {
  readonly tone: Tone;
  readonly word: string;
  /** More than the word says. */
  readonly note?: string | undefined;
}

const REASONS: Readonly<Record<NonNullable<PartReport['reason']>, string>> = {
  timeout: 'no answer in time',
  busy: 'it cannot take the call now',
  'not-found': 'it has nothing for the request',
  forbidden: 'it does not allow the call',
  refused: 'it refuses the call',
  'no-answer': 'no valid answer',
  expression: 'an answer lacks what the call is made from',
  'invalid-input': 'the request holds nothing that it can be asked with',
  input: 'a part that it needs has no answer',
  condition: 'its condition does not hold',
  cancelled: 'the request ended before',
};

/** What became of the part in its request. */
export function partOutcome({ outcome, reason, status, ageMs, hedged, beganMs }: PartReport): PartOutcome {
  const why = [reason && REASONS[reason], status && `status ${status}`].filter(Boolean).join(', ');
  const age = ageMs === undefined ? undefined : `${Math.floor(ageMs / 1000)} s old`;
  const notes = [why, age, hedged && 'called again as it was slow'].filter(Boolean).join('; ');
  const note = notes === '' ? undefined : notes;
  switch (outcome) {
    case 'ok':
      return { tone: 'good', word: ageMs === undefined ? 'ok' : 'from the cache', note };
    case 'stale':
      return { tone: 'warn', word: 'old answer', note };
    case 'fallback':
      return { tone: 'warn', word: 'fallback', note };
    case 'failed':
      return { tone: 'bad', word: reason === 'timeout' ? 'timeout' : 'failed', note };
    case 'skipped':
      if (reason === 'condition') return { tone: 'quiet', word: 'not needed', note };
      return {
        tone: reason === 'input' ? 'warn' : 'quiet',
        word: beganMs === undefined ? 'not called' : 'given up',
        note,
      };
  }
}

/** `25%`; `–` of nothing. */
export function percentOf(count: number, of: number): string {
  return of === 0 ? '–' : `${Math.round((100 * count) / of)}%`;
}

/** Tells a request from the others, also within one trace. */
export function keyOfRequest({ trace, at, tookMs }: RequestReport): string {
  return `${trace} ${at} ${tookMs}`;
}

/** As they were called; a part that was not follows those that it waited for. */
export function inOrder(parts: readonly PartReport[]): readonly PartReport[] {
  const began = new Map<string, number>();
  const beganOf = (part: PartReport): number => {
    const known = began.get(part.name);
    if (known !== undefined) return known;
    const waited = parts.filter(({ name }) => part.waitsFor.includes(name));
    const at = part.beganMs ?? Math.max(0, ...waited.map(each => beganOf(each) + (each.tookMs ?? 0)));
    began.set(part.name, at);
    return at;
  };
  return parts.toSorted((a, b) => beganOf(a) - beganOf(b));
}

/** Where a bar stands on the axis of its request, in percent; it is never too thin to see. */
export function barOf(
  beganMs: number,
  tookMs: number,
  totalMs: number,
): { readonly left: string; readonly width: string } {
  const left = totalMs === 0 ? 0 : Math.min(99, (100 * beganMs) / totalMs);
  const width = totalMs === 0 ? 100 : Math.min(100 - left, Math.max(1, (100 * tookMs) / totalMs));
  return { left: `${left.toFixed(2)}%`, width: `${width.toFixed(2)}%` };
}
