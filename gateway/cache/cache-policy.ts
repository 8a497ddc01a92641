// Decides whether a request's answer may be shared, and which of its fields the target gets: those
// of the key, and a few that no answer depends on.
import { acceptedEncodings } from '../http/accept-encoding.ts';
import { fieldOf } from '../http/fields.ts';

export const AUTHORIZATION = 1;
export const COOKIE = 2;
/** If-None-Match or If-Modified-Since. */
export const CONDITIONAL = 4;
/** Has a field of which nobody knows what the target makes of it. */
export const UNKNOWN = 8;

/**
 * Forwarded, and always part of the key: targets choose between representations by them, and many
 * forget to say so in Vary.
 */
const ALWAYS_KEYED = ['accept', 'accept-encoding', 'accept-language', 'origin'];

/**
 * These fields are forwarded and are no part of the key: they belong to the trace of the first
 * caller.
 */
const HARMLESS = ['tracestate'];

/**
 * These fields are neither forwarded nor part of the key, unless the route or the target names them
 * in Vary. Most clients send them, and shared answers do without them.
 */
const LEFT_OUT = [
  ...['user-agent', 'referer', 'dnt', 'sec-gpc', 'sec-purpose', 'upgrade-insecure-requests', 'priority', 'save-data'],
  ...['cache-control', 'pragma', 'content-length', 'content-type', 'via', 'early-data', 'x-requested-with'],
  ...['x-request-id', 'x-correlation-id', 'baggage', 'b3', 'x-b3-traceid', 'x-b3-spanid', 'x-b3-parentspanid'],
  ...['x-b3-sampled', 'x-b3-flags', 'x-amzn-trace-id', 'x-cloud-trace-context'],
];
const LEFT_OUT_PREFIXES = ['sec-ch-', 'sec-fetch-'];

/** Upstreams that refuse requests without one are asked in the name of the cache. */
const USER_AGENT = 'tenfold';

export interface Demand {
  readonly bits: number;
  /** The first field that nobody knows. */
  readonly unknown: string | undefined;
}

export interface CachePolicy {
  /** Fields that are part of every key of the route, lower case. */
  readonly keyed: readonly string[];
  /** `fields`: name (lower case) and value in turn. */
  demandOf(fields: readonly string[]): Demand;
  /** The fields that the target gets. `vary`: fields that it has named itself. */
  forwarded(fields: readonly string[], vary: readonly string[] | undefined): string[];
}

const NO_DEMAND: Demand = { bits: 0, unknown: undefined };

/**
 * `named`: fields that the route itself looks at or asks to be keyed by. `identified`: answers are
 * kept apart by who calls, credentials included.
 */
export function createCachePolicy(named: readonly string[], identified: boolean): CachePolicy {
  const keyed = [...new Set([...ALWAYS_KEYED, ...named])];
  const bits = new Map<string, number>();
  for (const name of [...HARMLESS, ...LEFT_OUT]) bits.set(name, 0);
  for (const name of ['if-none-match', 'if-modified-since']) bits.set(name, CONDITIONAL);
  bits.set('cookie', COOKIE);
  for (const name of keyed) bits.set(name, bits.get(name) ?? 0);
  bits.set('authorization', AUTHORIZATION);
  const sent = new Set([...keyed, ...HARMLESS]);
  if (identified) sent.add('authorization');

  const bitsOf = (name: string) =>
    bits.get(name) ?? (LEFT_OUT_PREFIXES.some(prefix => name.startsWith(prefix)) ? 0 : UNKNOWN);

  return {
    keyed,
    demandOf(fields) {
      let all = 0;
      let unknown: string | undefined;
      for (let index = 0; index < fields.length; index += 2) {
        const name = fields[index] ?? '';
        const some = bitsOf(name);
        all |= some;
        if (some === UNKNOWN) unknown ??= name;
      }
      return all === 0 ? NO_DEMAND : { bits: all, unknown };
    },
    forwarded(fields, vary) {
      const kept: string[] = [];
      for (let index = 0; index + 1 < fields.length; index += 2) {
        const name = fields[index] ?? '';
        const value = fields[index + 1] ?? '';
        if (!sent.has(name) && vary?.includes(name) !== true) continue;
        if (name !== 'accept-encoding') kept.push(name, value);
      }
      // A list in a hundred spellings is one in the key, so it is one for the target.
      const encodings = acceptedEncodings(fieldOf(fields, 'accept-encoding'));
      if (encodings !== '') kept.push('accept-encoding', encodings);
      if (fieldOf(kept, 'user-agent') === undefined) kept.push('user-agent', USER_AGENT);
      return kept;
    },
  };
}
