// Reads target and header fields of a request once, refusing what two servers could read in two ways (FAULTS: request smuggling).
import type { IncomingMessage } from 'node:http';
import { TenfoldError } from '../../core/errors.ts';
import { isDisguised, isHopByHop, isReserved } from './hop-by-hop.ts';
import { isIdentityField } from './identity-fields.ts';
import { normalizePath } from './normalize-path.ts';

/** One parsed list of header fields feeds both our decisions and the request that is sent on. */
export interface RequestHead {
  readonly method: string;
  /** Host without port, lower case. */
  readonly host: string;
  /** The Host field as sent, for `X-Forwarded-Host`. */
  readonly authority: string;
  /** Normalised path, see normalizePath. */
  readonly path: string;
  /** With its `?`, as sent; empty without one. */
  readonly query: string;
  /** Fields to send on: name (lower case) and value in turn, without hop-by-hop and reserved ones, without Host and Expect. */
  readonly fields: string[];
  /** The same of what targets would take for the word of a proxy, see `isIdentityField`: an Api or Strangler may let some through. */
  readonly withheld: readonly string[];
  readonly hasBody: boolean;
  /** Bytes announced by Content-Length; undefined when chunked or without a body. */
  readonly contentLength: number | undefined;
  readonly traceparent: string | undefined;
}

export interface HeadOptions {
  /** Keep our own (`tenfold-…`) and forwarding fields: only for callers that have proved who they are. */
  readonly trusted: boolean;
}

const AUTHORITY = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::[0-9]{1,5})?$/;
const QUERY = /^[A-Za-z0-9._~!$&'()*+,;=:@/?%[\]{}|^`"<>\\-]*$/;

/** What there is to read of a request that may also be none of the wire. */
export type RawRequest = Pick<
  IncomingMessage,
  'method' | 'url' | 'rawHeaders' | 'httpVersionMajor' | 'httpVersionMinor'
>;

export function readHead(request: RawRequest, options: HeadOptions): RequestHead {
  const raw = request.rawHeaders;
  const fields: string[] = [];
  const withheld: string[] = [];
  let authority: string | undefined;
  let connection: string | undefined;
  let authorizations = 0;
  let contentLength: number | undefined;
  let chunked = false;
  let traceparent: string | undefined;
  let cookieAt: number | undefined;

  for (let index = 0; index < raw.length; index += 2) {
    const name = (raw[index] ?? '').toLowerCase();
    const value = raw[index + 1] ?? '';
    switch (name) {
      case 'host':
        if (authority !== undefined) throw refuse('it has more than one Host field');
        authority = value;
        continue;
      case 'connection':
        connection = connection === undefined ? value : `${connection},${value}`;
        continue;
      case 'transfer-encoding':
        if (chunked || value.toLowerCase() !== 'chunked')
          throw refuse('its Transfer-Encoding is not exactly "chunked"');
        chunked = true;
        continue;
      case 'content-length':
        if (!/^(?:0|[1-9][0-9]{0,15})$/.test(value)) throw refuse('its Content-Length is not a plain number');
        contentLength = Number(value);
        break;
      case 'authorization':
        authorizations++;
        break;
      case 'traceparent':
        traceparent = value;
        continue;
      case 'cookie':
        // RFC 9113 §8.2.3: cookies in several fields are one list, here for rules and targets alike.
        if (cookieAt !== undefined) {
          fields[cookieAt] += `; ${value}`;
          continue;
        }
        cookieAt = fields.length + 1;
        break;
      case 'expect':
        continue;
    }
    if (isHopByHop(name) || isDisguised(name)) continue;
    if (options.trusted) fields.push(name, value);
    else if (isIdentityField(name)) withheld.push(name, value);
    else if (!isReserved(name)) fields.push(name, value);
  }

  if (request.httpVersionMajor !== 1) throw refuse('only HTTP/1.0 and HTTP/1.1 are spoken here');
  if (chunked && request.httpVersionMinor === 0) throw refuse('HTTP/1.0 has no Transfer-Encoding');
  if (chunked && contentLength !== undefined) throw refuse('it has both Content-Length and Transfer-Encoding');
  if (authorizations > 1) throw refuse('it has more than one Authorization field');
  const host = AUTHORITY.exec(authority ?? '')?.[1];
  if (authority === undefined || host === undefined) throw refuse('its Host field is missing or not a host name');

  const target = originForm(request.url ?? '', authority);
  const mark = target.indexOf('?');
  const query = mark === -1 ? '' : target.slice(mark);
  if (query !== '' && !QUERY.test(query)) throw refuse('its query contains a character that must be percent-encoded');
  return {
    method: request.method ?? 'GET',
    host: host.toLowerCase(),
    authority,
    path: normalizePath(mark === -1 ? target : target.slice(0, mark)),
    query,
    fields: connection === undefined ? fields : withoutNamed(fields, connection),
    withheld: connection === undefined ? withheld : withoutNamed(withheld, connection),
    hasBody: chunked || (contentLength !== undefined && contentLength > 0),
    contentLength,
    traceparent,
  };
}

/** RFC 9112 §3.2: origin-form as it is; absolute-form only when it names the same authority as Host. */
function originForm(target: string, authority: string): string {
  if (target.includes('#')) throw refuse('its target has a fragment');
  if (target.startsWith('/')) return target;
  const absolute = /^https?:\/\/([^/?]*)(.*)$/i.exec(target);
  if (!absolute) throw refuse('its target is not a path');
  if (absolute[1]?.toLowerCase() !== authority.toLowerCase()) throw refuse('its target names another host than Host');
  const rest = absolute[2] ?? '';
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/** Drops what `Connection` names, but never a field that carries credentials: that would let a client hide who it is. */
function withoutNamed(fields: string[], connection: string): string[] {
  const named = new Set<string>();
  for (const token of connection.toLowerCase().split(',')) {
    const name = token.trim();
    if (name === '' || name === 'close' || name === 'keep-alive' || isHopByHop(name)) continue;
    if (PROTECTED.has(name)) throw refuse(`Connection names ${name}, which must not be dropped on the way`);
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

const PROTECTED = new Set(['authorization', 'cookie', 'content-length', 'content-type', 'host', 'traceparent']);

function refuse(reason: string): TenfoldError {
  return new TenfoldError('bad-request', `The request is refused: ${reason}.`);
}
