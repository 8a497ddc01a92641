// Takes the header fields of an upstream's answer over into ours.
import { TenfoldError } from '../../core/errors.ts';
import { HEADER_PREFIX } from '../../core/wire.ts';
import { isHopByHop } from '../http/hop-by-hop.ts';

/** How places at the upstream look to the client. */
export interface Mount {
  /** Scheme, host and port of the upstream, which the client must not see. */
  readonly origin: string;
  /** Path that the upstream has in front of its own, e.g. of a `url`. */
  readonly upstreamPath: string;
  /** Path that the client has in front instead, e.g. the base path of the Api. */
  readonly clientPath: string;
}

/**
 * Name and value in turn, without hop-by-hop fields, those that `Connection` names, and, unless
 * `own`, those that are ours alone.
 */
export function toResponseFields(
  raw: Buffer[] | string[] | object | null | undefined,
  mount?: Mount,
  own = false,
): string[] {
  const fields: string[] = [];
  if (!Array.isArray(raw)) return fields;
  let named: Set<string> | undefined;
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = text(raw[index]);
    const lower = name.toLowerCase();
    const value = text(raw[index + 1]);
    if (lower === 'connection') {
      for (const token of value.toLowerCase().split(',')) {
        const other = token.trim();
        if (other !== 'keep-alive' && other !== 'close' && other !== '') named = (named ?? new Set()).add(other);
      }
    }
    // Any other coding would be stripped here with its body still in it (RFC 9112 §6.1).
    if (lower === 'transfer-encoding' && value.trim().toLowerCase() !== 'chunked')
      throw new TenfoldError('bad-gateway', 'The target answered with a Transfer-Encoding that is not "chunked".');
    if (isHopByHop(lower) || (!own && lower.startsWith(HEADER_PREFIX))) continue;
    fields.push(
      name,
      mount && (lower === 'location' || lower === 'content-location') ? toClientPlace(value, mount) : value,
    );
  }
  if (named === undefined) return fields;
  const kept: string[] = [];
  for (let index = 0; index < fields.length; index += 2) {
    const name = fields[index] ?? '';
    if (!named.has(name.toLowerCase())) kept.push(name, fields[index + 1] ?? '');
  }
  return kept;
}

/**
 * Absolute addresses of the upstream and absolute paths there become paths of ours; everything else
 * is the client's to follow.
 */
function toClientPlace(value: string, mount: Mount): string {
  const { origin, upstreamPath, clientPath } = mount;
  const isAbsolute =
    value.startsWith(origin) && (value.length === origin.length || '/?#'.includes(value.charAt(origin.length)));
  const path = isAbsolute ? value.slice(origin.length) : value;
  if (!isAbsolute && (!path.startsWith('/') || path.startsWith('//'))) return value;
  const inside = path === upstreamPath || path.startsWith(`${upstreamPath}/`) || path.startsWith(`${upstreamPath}?`);
  return clientPath + (inside ? path.slice(upstreamPath.length) : path) || '/';
}

/** Header bytes are latin-1 on the wire, and node:http writes strings as latin-1. */
function text(value: unknown): string {
  return Buffer.isBuffer(value) ? value.toString('latin1') : String(value);
}
