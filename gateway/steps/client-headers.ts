// Which headers of clients an Api or Strangler lets through that are withheld by default, and
// which it withholds besides.

import type { Step } from '../exchange/step.ts';
import { dropFields, spellingsOf } from '../http/fields.ts';
import { isHopByHop } from '../http/hop-by-hop.ts';
import { isIdentityField } from '../http/identity-fields.ts';

export interface ClientHeaders {
  /** From everybody. */
  readonly allow: readonly string[];
  /** Only on connections of proxies that are trusted. */
  readonly fromProxies: readonly string[];
  readonly drop: readonly string[];
}

/** Before all that looks at headers. */
export function clientHeaders({ allow, fromProxies, drop }: ClientHeaders): Step | undefined {
  if (allow.length + fromProxies.length + drop.length === 0) return undefined;
  const everybody = new Set(allow);
  const proxies = new Set(fromProxies);
  const gone = spellingsOf(drop);
  return exchange => {
    const { withheld } = exchange.request.head;
    for (let index = 0; index + 1 < withheld.length; index += 2) {
      const name = withheld[index] ?? '';
      if (everybody.has(name) || (proxies.has(name) && exchange.request.client.viaProxy))
        exchange.request.headers.push(name, withheld[index + 1] ?? '');
    }
    dropFields(exchange.request.headers, gone);
  };
}

/** Fields that the request itself needs, or that only the gateway may write. */
const FIXED = new Set([
  ...['host', 'content-length', 'content-type', 'expect', 'traceparent', 'cookie', 'authorization', 'forwarded'],
  ...['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-prefix', 'ce-tenfoldorigin'],
]);

/** Why `name` cannot be let through; undefined when it can. */
export function whyNotAllowed(name: string): string | undefined {
  const spelled = name.replaceAll('_', '-');
  if (FIXED.has(spelled) || isHopByHop(name) || spelled.startsWith('tenfold-'))
    return `The gateway answers for ${spelled}, in every spelling, and lets nobody else write it. Remove it.`;
  if (!isIdentityField(name)) return `${name} reaches targets in any case. Remove it.`;
  return undefined;
}
