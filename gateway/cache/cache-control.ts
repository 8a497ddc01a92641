// Combines an answer's own Cache-Control (RFC 9111 §5.2) with the settings of the route.

/** As in resources, durations in milliseconds. */
export interface CacheSettings {
  readonly ttl: number;
  readonly staleWhileRevalidate: number;
  readonly staleIfError: number;
  readonly vary: readonly string[];
  readonly perConsumer: boolean;
  readonly statuses: readonly number[];
}

export interface Freshness {
  readonly ttlMs: number;
  /** How long after that it may be served while it is fetched anew, and when fetching fails. */
  readonly staleWhileMs: number;
  readonly staleIfErrorMs: number;
  /** How old it was when it came, milliseconds. */
  readonly ageMs: number;
  /** It says that everybody may have it. */
  readonly isPublic: boolean;
  /** Request fields that make it another answer, lower case, sorted. */
  readonly vary: readonly string[];
}

export interface Stored {
  readonly status: number;
  readonly fields: readonly string[];
  /** Whether the request came from a known consumer whose answers are kept apart. */
  readonly apart: boolean;
}

/** How an answer may be kept; undefined: not at all. `now`: wall clock, milliseconds. */
export function freshnessOf(answer: Stored, settings: CacheSettings, now: number): Freshness | undefined {
  const { status, fields } = answer;
  if (!settings.statuses.includes(status) || status === 206 || status === 304) return undefined;
  let control = '';
  let vary = settings.vary.join(',');
  let expires: string | undefined;
  let date: string | undefined;
  let ageMs = 0;
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const value = fields[index + 1] ?? '';
    switch (fields[index]?.toLowerCase()) {
      case 'set-cookie':
        return undefined;
      case 'content-type':
        if (value.startsWith('text/event-stream')) return undefined;
        break;
      case 'cache-control':
        control += `,${value}`;
        break;
      case 'vary':
        vary += `,${value}`;
        break;
      case 'expires':
        expires = value;
        break;
      case 'date':
        date = value;
        break;
      case 'age':
        if (/^[0-9]{1,9}$/.test(value)) ageMs = Number(value) * 1000;
        break;
    }
  }
  const says = parseDirectives(control);
  if (says.has('no-store') || says.has('no-cache') || (says.has('private') && !answer.apart)) return undefined;
  const names = new Set(
    vary
      .toLowerCase()
      .split(',')
      .map(name => name.trim())
      .filter(name => name !== ''),
  );
  if (names.has('*')) return undefined;
  // The target may ask for less than the route declares, never for more.
  const own = ownLifetime(says, expires, date, now);
  const ttlMs = Math.min(settings.ttl, own ?? settings.ttl);
  if (ttlMs - ageMs <= 0) return undefined;
  const strict = says.has('must-revalidate') || says.has('proxy-revalidate');
  return {
    ttlMs,
    staleWhileMs: strict ? 0 : settings.staleWhileRevalidate,
    staleIfErrorMs: strict ? 0 : settings.staleIfError,
    ageMs,
    isPublic: says.has('public') || says.has('s-maxage'),
    vary: [...names].sort(),
  };
}

function ownLifetime(
  says: ReadonlyMap<string, string>,
  expires: string | undefined,
  date: string | undefined,
  now: number,
): number | undefined {
  const seconds = says.get('s-maxage') ?? says.get('max-age');
  if (seconds !== undefined) return /^[0-9]{1,10}$/.test(seconds) ? Number(seconds) * 1000 : 0;
  if (expires === undefined) return undefined;
  const until = Date.parse(expires);
  const from = date === undefined ? now : Date.parse(date);
  // RFC 9111 §5.3: a value that is no date counts as past.
  return Number.isNaN(until) || Number.isNaN(from) ? 0 : Math.max(0, until - from);
}

function parseDirectives(control: string): Map<string, string> {
  const says = new Map<string, string>();
  for (const part of control.split(',')) {
    const mark = part.indexOf('=');
    const name = (mark === -1 ? part : part.slice(0, mark)).trim().toLowerCase();
    if (name !== '' && !says.has(name))
      says.set(
        name,
        mark === -1
          ? ''
          : part
              .slice(mark + 1)
              .trim()
              .replaceAll('"', ''),
      );
  }
  return says;
}
