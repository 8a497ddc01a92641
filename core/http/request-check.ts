// The check that every listener makes of a request's head first: nothing in it may be read in two
// ways by two servers (request smuggling).
import type { IncomingMessage } from 'node:http';
import { isIPv6, type Socket } from 'node:net';
import { TenfoldError } from '../errors.ts';
import { normalizePath } from '../paths/normalize-path.ts';

/** The readable part of a request, which need not come from the wire. */
export type RawRequest = Pick<
  IncomingMessage,
  'method' | 'url' | 'rawHeaders' | 'httpVersionMajor' | 'httpVersionMinor'
> & { readonly socket?: Pick<Socket, 'localAddress' | 'localPort'> };

export interface CheckedRequest {
  /** Host without port, lower case. */
  readonly host: string;
  /**
   * The Host field as sent; for a request of HTTP/1.0 without one, the address and the port at
   * which it arrived.
   */
  readonly authority: string;
  /** Normalised path, see normalizePath. */
  readonly path: string;
  /** With its `?`, as sent; empty without one. */
  readonly query: string;
  readonly hasBody: boolean;
  /** Bytes announced by Content-Length; undefined when chunked or without a body. */
  readonly contentLength: number | undefined;
}

const AUTHORITY = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::[0-9]{1,5})?$/;
const QUERY = /^[A-Za-z0-9._~!$&'()*+,;=:@/?%[\]{}|^`"<>\\-]*$/;

/** Throws `bad-request`: the connection must end with the answer; or `expectation-failed`. */
export function checkRequest(request: RawRequest): CheckedRequest {
  const raw = request.rawHeaders;
  let authority: string | undefined;
  let authorizations = 0;
  let contentLength: number | undefined;
  let chunked = false;
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] ?? '';
    // Most names are none of these, and their length says so.
    switch (name.length) {
      case 4:
        if (name.toLowerCase() !== 'host') break;
        if (authority !== undefined) throw refuse('it has more than one Host field');
        authority = raw[index + 1] ?? '';
        break;
      case 6:
        if (name.toLowerCase() === 'expect') assertMeetsExpectation(raw[index + 1] ?? '', request);
        break;
      case 10:
        if (name.toLowerCase() === 'connection') assertKeepsCredentials(raw[index + 1] ?? '');
        break;
      case 13:
        if (name.toLowerCase() === 'authorization') authorizations++;
        break;
      case 14: {
        if (name.toLowerCase() !== 'content-length') break;
        const value = raw[index + 1] ?? '';
        if (!/^(?:0|[1-9][0-9]{0,15})$/.test(value)) throw refuse('its Content-Length is not a plain number');
        contentLength = Number(value);
        break;
      }
      case 17:
        if (name.toLowerCase() !== 'transfer-encoding') break;
        if (chunked || raw[index + 1]?.toLowerCase() !== 'chunked')
          throw refuse('its Transfer-Encoding is not exactly "chunked"');
        chunked = true;
        break;
    }
  }
  if (request.httpVersionMajor !== 1) throw refuse('only HTTP/1.0 and HTTP/1.1 are spoken here');
  if (chunked && request.httpVersionMinor === 0) throw refuse('HTTP/1.0 has no Transfer-Encoding');
  if (chunked && contentLength !== undefined) throw refuse('it has both Content-Length and Transfer-Encoding');
  if (authorizations > 1) throw refuse('it has more than one Authorization field');
  authority ??= arrivedAt(request);
  const host = AUTHORITY.exec(authority ?? '')?.[1];
  if (authority === undefined || host === undefined) throw refuse('its Host field is missing or not a host name');
  const hasBody = chunked || (contentLength !== undefined && contentLength > 0);
  if (hasBody && request.method === 'TRACE') throw refuse('TRACE has no body');

  const target = originForm(request.url ?? '', authority);
  const mark = target.indexOf('?');
  const query = mark === -1 ? '' : target.slice(mark);
  if (query !== '' && !QUERY.test(query)) throw refuse('its query contains a character that must be percent-encoded');
  const path = normalizePath(mark === -1 ? target : target.slice(0, mark));
  return { host: host.toLowerCase(), authority, path, query, hasBody, contentLength };
}

/** RFC 9112 §3.2 asks for a Host field in HTTP/1.1 alone, and RFC 7230 §5.5 says what stands in. */
function arrivedAt({ httpVersionMinor, socket }: RawRequest): string | undefined {
  const { localAddress, localPort } = socket ?? {};
  if (httpVersionMinor !== 0 || localAddress === undefined || localPort === undefined) return undefined;
  const address = localAddress.replace(/^::ffff:(?=[0-9.]+$)/i, '').replace(/%.*$/, '');
  return `${isIPv6(address) ? `[${address}]` : address}:${localPort}`;
}

/** RFC 9110 §10.1.1: there is one expectation, and HTTP/1.0 has none. */
function assertMeetsExpectation(value: string, { httpVersionMinor }: RawRequest): void {
  if (value.toLowerCase() === '100-continue' || httpVersionMinor === 0) return;
  throw new TenfoldError(
    'expectation-failed',
    'The request expects what no server here does; leave out its Expect field.',
  );
}

/**
 * RFC 9112 §3.2: origin-form as it is; absolute-form only when it names the same authority as Host.
 */
function originForm(target: string, authority: string): string {
  if (target.includes('#')) throw refuse('its target has a fragment');
  if (target.startsWith('/')) return target;
  const absolute = /^https?:\/\/([^/?]*)(.*)$/i.exec(target);
  if (!absolute) throw refuse('its target is not a path');
  if (absolute[1]?.toLowerCase() !== authority.toLowerCase()) throw refuse('its target names another host than Host');
  const rest = absolute[2] ?? '';
  return rest.startsWith('/') ? rest : `/${rest}`;
}

const PROTECTED = new Set(['authorization', 'cookie', 'content-length', 'content-type', 'host', 'traceparent']);

/**
 * `Connection` names what is dropped on the way, but never a field that carries credentials: that
 * would let a client hide who it is.
 */
function assertKeepsCredentials(connection: string): void {
  for (const token of connection.toLowerCase().split(',')) {
    const name = token.trim();
    if (PROTECTED.has(name)) throw refuse(`Connection names ${name}, which must not be dropped on the way`);
  }
}

function refuse(reason: string): TenfoldError {
  return new TenfoldError('bad-request', `The request is refused: ${reason}.`);
}
