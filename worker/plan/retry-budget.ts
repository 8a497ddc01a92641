// The budget of attempts for an event whose resource says neither how many nor how long.
import type { RetrySettings } from '../dispatch/settings.ts';

const DAY_MS = 86_400_000;
const ATTEMPTS = 8;

/**
 * A day, as an outage of hours must not make dead letters; but not longer than the retention of the
 * topic.
 */
export function withinTime(retry: RetrySettings, retention = DAY_MS): RetrySettings {
  return isDeclared(retry) ? retry : { ...retry, within: Math.min(DAY_MS, retention) };
}

/**
 * A few minutes, where others wait for the end of each event: a job for its items, a window or a
 * View for earlier events.
 */
export function withinAttempts(retry: RetrySettings): RetrySettings {
  return isDeclared(retry) ? retry : { ...retry, attempts: ATTEMPTS };
}

function isDeclared({ attempts, within }: RetrySettings): boolean {
  return attempts !== undefined || within !== undefined;
}
