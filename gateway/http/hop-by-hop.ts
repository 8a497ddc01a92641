// Which header fields end at a proxy (RFC 9110 §7.6.1), and which names only we may set.
import { ORIGIN_ATTRIBUTE } from '../../core/cloudevents/origins.ts';
import { HEADER_PREFIX } from '../../core/wire.ts';

const HOP_BY_HOP = new Set([
  'connection',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Set by the gateway for every upstream, or trusted by services behind it: what arrives
 * under these names is dropped.
 */
const RESERVED = new Set([
  `ce-${ORIGIN_ATTRIBUTE}`,
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-prefix',
  'x-forwarded-proto',
  'x-forwarded-server',
  'x-original-url',
  'x-real-ip',
  'x-rewrite-url',
]);

/**
 * `name` in lower case; any spelling with `_` for `-` counts, as many servers read the two alike.
 */
export function isHopByHop(name: string): boolean {
  return HOP_BY_HOP.has(dashed(name));
}

/** `name` in lower case, in any spelling as above. */
export function isReserved(name: string): boolean {
  const spelled = dashed(name);
  return spelled.startsWith(HEADER_PREFIX) || RESERVED.has(spelled);
}

/**
 * With `_`, and read by many servers as a name that only the gateway may write, whoever sends it:
 * callers at the internal listener, too.
 */
export function isDisguised(name: string): boolean {
  if (!name.includes('_')) return false;
  const spelled = dashed(name);
  return spelled.startsWith(HEADER_PREFIX) || spelled === 'content-length' || spelled === `ce-${ORIGIN_ATTRIBUTE}`;
}

function dashed(name: string): string {
  return name.includes('_') ? name.replaceAll('_', '-') : name;
}
