// How long ago something was, as people say it: the two largest units at most.
import { formatDuration } from '../core/units/duration.ts';

/** `3d4h`, `12s`; `-` where it is not known. */
export function relativeAge(ms: number | undefined): string {
  if (ms === undefined) return '-';
  const step = ms >= 86_400_000 ? 3_600_000 : ms >= 3_600_000 ? 60_000 : 1000;
  return formatDuration(Math.floor(Math.max(0, ms) / step) * step);
}

/** The age of a time of RFC 3339. */
export function ageOf(time: string, now: number): string {
  return relativeAge(now - Date.parse(time));
}

/** How long something took, between two times of RFC 3339; `-` until both are known. */
export function tookOf(began: string | undefined, ended: string | undefined): string {
  if (began === undefined || ended === undefined) return '-';
  const ms = Date.parse(ended) - Date.parse(began);
  return ms < 10_000 ? `${ms}ms` : relativeAge(ms);
}
