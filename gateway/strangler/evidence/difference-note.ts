// Says in words how two values differ, where their masks look alike: a rounding error,
// another case, another type.
import { maskValue } from './mask.ts';

/** Undefined when the masked values speak for themselves. Tells relations only, never a value. */
export function noteOf(legacy: unknown, fresh: unknown): string | undefined {
  if (typeof legacy === 'number' && typeof fresh === 'number') return ofNumbers(legacy, fresh);
  if (typeof legacy === 'string' && typeof fresh === 'string') return ofTexts(legacy, fresh);
  if (isPrimitive(legacy) && isPrimitive(fresh) && String(legacy) === String(fresh)) return 'same value, other type';
  return undefined;
}

function ofNumbers(legacy: number, fresh: number): string {
  const ratio = fresh / legacy;
  for (const factor of [10, 100, 1000]) {
    if (isNear(ratio, factor)) return `${factor} times as large`;
    if (isNear(ratio, 1 / factor)) return `${factor} times smaller`;
  }
  const share = Math.abs(fresh - legacy) / Math.max(Math.abs(legacy), Math.abs(fresh));
  const bound = [0.001, 0.01, 0.1].find(limit => share < limit);
  const by = bound === undefined ? '10% or more' : `less than ${bound * 100}%`;
  return `${fresh > legacy ? 'larger' : 'smaller'} by ${by}`;
}

function ofTexts(legacy: string, fresh: string): string | undefined {
  if (legacy.toLowerCase() === fresh.toLowerCase()) return 'other case only';
  if (legacy.replace(/\s+/g, '') === fresh.replace(/\s+/g, '')) return 'other blanks only';
  const [one, other] = [legacy, fresh].map(toMoment);
  if (one !== undefined && one === other) return 'same moment, written differently';
  return maskValue(legacy) === maskValue(fresh) ? 'same form, other value' : undefined;
}

function toMoment(text: string): number | undefined {
  const moment = /^\d{4}-\d{2}-\d{2}T/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(moment) ? undefined : moment;
}

function isNear(value: number, wanted: number): boolean {
  return Math.abs(value - wanted) <= wanted * 1e-9;
}

function isPrimitive(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
