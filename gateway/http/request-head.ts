// Reads target and header fields of a request once, refusing what two servers could read in two
// ways (FAULTS: request smuggling).
import { checkRequest, type RawRequest } from '../../core/http/request-check.ts';
import { tracestateBeside } from '../../core/tracing/tracestate.ts';
import { isDisguised, isHopByHop, isReserved } from './hop-by-hop.ts';
import { isIdentityField } from './identity-fields.ts';

/** One parsed list of header fields feeds both our decisions and the request that is sent on. */
export interface RequestHead {
  readonly method: string;
  /** Host without port, lower case. */
  readonly host: string;
  /** The Host field as sent, for `X-Forwarded-Host`. */
  readonly authority: string;
  /** Normalised path, see `core/paths/normalize-path.ts`. */
  readonly path: string;
  /** With its `?`, as sent; empty without one. */
  readonly query: string;
  /**
   * Fields to send on: name (lower case) and value in turn, without hop-by-hop and reserved
   * ones, without Host and Expect.
   */
  readonly fields: string[];
  /**
   * The same of what targets would take for the word of a proxy, see `isIdentityField`: an Api or
   * Strangler may let some through.
   */
  readonly withheld: readonly string[];
  readonly hasBody: boolean;
  /** Bytes announced by Content-Length; undefined when chunked or without a body. */
  readonly contentLength: number | undefined;
  readonly traceparent: string | undefined;
  /** The gateway sends it on. */
  readonly tracestate?: string | undefined;
  /** The caller is inside and may see what is behind the gateway. */
  readonly trusted?: boolean;
}

export interface HeadOptions {
  /**
   * Keep our own (`tenfold-…`) and forwarding fields: only for callers that
   * have proved who they are.
   */
  readonly trusted: boolean;
}

export function readHead(request: RawRequest, options: HeadOptions): RequestHead {
  const checked = checkRequest(request);
  const raw = request.rawHeaders;
  const fields: string[] = [];
  const withheld: string[] = [];
  let connection: string | undefined;
  let traceparent: string | undefined;
  let tracestate: string | undefined;
  let cookieAt: number | undefined;

  for (let index = 0; index < raw.length; index += 2) {
    const name = (raw[index] ?? '').toLowerCase();
    const value = raw[index + 1] ?? '';
    switch (name) {
      case 'host':
      case 'expect':
        continue;
      case 'connection':
        connection = connection === undefined ? value : `${connection},${value}`;
        continue;
      case 'traceparent':
        traceparent = value;
        continue;
      case 'tracestate':
        // Several fields are one list (RFC 9110 §5.3).
        tracestate = tracestate === undefined ? value : `${tracestate},${value}`;
        continue;
      case 'cookie':
        // RFC 9113 §8.2.3: cookies in several fields are one list, here
        // for rules and targets alike.
        if (cookieAt !== undefined) {
          const before = fields[cookieAt] ?? '';
          fields[cookieAt] = before === '' || value === '' ? before + value : `${before}; ${value}`;
          continue;
        }
        cookieAt = fields.length + 1;
        break;
    }
    if (isHopByHop(name) || isDisguised(name)) continue;
    if (options.trusted) fields.push(name, value);
    else if (isIdentityField(name)) withheld.push(name, value);
    else if (!isReserved(name)) fields.push(name, value);
  }
  const state = tracestateBeside(traceparent, tracestate);
  if (state !== undefined) fields.push('tracestate', state);
  return {
    ...checked,
    method: request.method ?? 'GET',
    fields: connection === undefined ? fields : withoutNamed(fields, connection),
    withheld: connection === undefined ? withheld : withoutNamed(withheld, connection),
    traceparent,
    tracestate: state,
    trusted: options.trusted,
  };
}

/** Drops what `Connection` names. */
function withoutNamed(fields: string[], connection: string): string[] {
  const named = new Set<string>();
  for (const token of connection.toLowerCase().split(',')) {
    const name = token.trim();
    if (name === '' || name === 'close' || name === 'keep-alive' || isHopByHop(name)) continue;
    named.add(name);
  }
  if (named.size === 0) return fields;
  const kept: string[] = [];
  for (let index = 0; index < fields.length; index += 2) {
    const name = fields[index] ?? '';
    if (!named.has(name)) kept.push(name, fields[index + 1] ?? '');
  }
  return kept;
}
