// Reads Prefer (RFC 7240): whether a client would rather wait for a job, and how long.

import { TenfoldError } from '../../core/errors.ts';
import { parseDuration } from '../../core/units/duration.ts';

export interface Preferences {
  /** Milliseconds to wait for the job; undefined when the client does not ask for it. */
  readonly waitMs: number | undefined;
  /** Value of Preference-Applied for the preferences that are honoured; empty without any. */
  readonly applied: string;
}

/**
 * `fields`: name (lower case) and value in turn. Unknown preferences are ignored, as the RFC asks.
 */
export function readPreferences(fields: readonly string[]): Preferences {
  let waitMs: number | undefined;
  const applied: string[] = [];
  for (let index = 0; index + 1 < fields.length; index += 2) {
    if (fields[index] !== 'prefer') continue;
    for (const part of (fields[index + 1] ?? '').split(',')) {
      const [name = '', value = ''] = (part.split(';', 1)[0] ?? '')
        .split('=', 2)
        .map(each => each.trim().toLowerCase());
      const seconds = /^"?([0-9]{1,6})"?$/.exec(value)?.[1];
      // The first of a name counts (RFC 7240 §2).
      if (name === 'wait' && seconds !== undefined && waitMs === undefined) {
        waitMs = Number(seconds) * 1000;
        applied.push(`wait=${seconds}`);
      } else if (name === 'respond-async' && !applied.includes(name)) applied.push(name);
    }
  }
  return { waitMs, applied: applied.join(', ') };
}

/** `?wait=10` or `?wait=500ms`, in milliseconds; undefined without. `query`: with its `?`. */
export function readWait(query: string): number | undefined {
  const text = new URLSearchParams(query).get('wait');
  if (text === null) return undefined;
  const ms = /^[0-9]{1,6}$/.test(text) ? Number(text) * 1000 : parseDuration(text);
  if (ms === undefined) throw new TenfoldError('bad-request', '"wait" is a time such as 10 (seconds) or 500ms.');
  return ms;
}
