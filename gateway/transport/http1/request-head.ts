// Writes the head of a request (RFC 9112 §3), refusing whatever could end a line, a
// field or the request early.

import type { UpstreamRequest } from '../transport.ts';
import { TransportError } from '../transport-error.ts';

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const TARGET = /^\/[\x21-\x7e\x80-\xff]*$/;
/** A character above latin-1 would be cut to its low byte on the wire, which may be a line end. */
const NOT_VALUE = /[^\t\x20-\x7e\x80-\xff]/;
const LENGTH = /^(?:0|[1-9][0-9]{0,14})$/;
/** Methods whose requests are expected to have a body (RFC 9110 §8.6). */
const WITH_BODY = new Set(['POST', 'PUT', 'PATCH', 'QUERY', 'PROPFIND', 'PROPPATCH']);

export interface SerializedHead {
  /** With the empty line at its end. */
  readonly text: string;
  /** Bytes that a streamed body must have; undefined: it is sent in chunks. */
  readonly length: number | undefined;
  /** Whether the connection may be used again. */
  readonly keepAlive: boolean;
}

/** `host`: of the origin, with its port. Throws a TransportError. */
export function serializeHead(request: UpstreamRequest, host: string): SerializedHead {
  const { method, path, headers, body, upgrade } = request;
  if (!TOKEN.test(method)) throw refuse('its method is no token');
  if (!TARGET.test(path)) throw refuse('its path has a character that ends it');
  let fields = '';
  let ownHost: string | undefined;
  let announced: string | undefined;
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index] ?? '';
    const value = headers[index + 1] ?? '';
    if (NOT_VALUE.test(value)) throw refuse(`${JSON.stringify(name.slice(0, 64))} has a value that ends its line`);
    switch (name.length) {
      case 4:
        if (name.toLowerCase() !== 'host') break;
        if (ownHost !== undefined) throw refuse('it has more than one Host');
        ownHost = value;
        continue;
      case 14:
        if (name.toLowerCase() !== 'content-length') break;
        if (announced !== undefined) throw refuse('it has more than one Content-Length');
        announced = value;
        continue;
      case 6:
      case 7:
      case 10:
      case 17:
        if (isFraming(name.toLowerCase())) throw refuse(`${name} is for the transport to say`);
        break;
    }
    if (!isKnown(name) && !TOKEN.test(name)) throw refuse('the name of a field is no token');
    fields += `${name}: ${value}\r\n`;
  }
  // If a server answered a HEAD with a body all the same, the body would be taken for the next
  // answer.
  const keepAlive = method !== 'HEAD' && !upgrade;
  let length: number | undefined;
  if (body === null) length = WITH_BODY.has(method) ? 0 : undefined;
  else if (typeof body === 'string') length = Buffer.byteLength(body);
  else if (Buffer.isBuffer(body)) length = body.length;
  else if (announced !== undefined) {
    if (!LENGTH.test(announced)) throw refuse('its Content-Length is not a plain number');
    length = Number(announced);
  } else fields += 'transfer-encoding: chunked\r\n';
  if (length !== undefined) fields += `content-length: ${length}\r\n`;
  const connection = upgrade ? `upgrade\r\nupgrade: ${checked(upgrade)}` : keepAlive ? 'keep-alive' : 'close';
  const text = `${method} ${path} HTTP/1.1\r\nhost: ${ownHost ?? host}\r\nconnection: ${connection}\r\n${fields}\r\n`;
  return { text, length, keepAlive };
}

/** Fields that say where a request ends, or what becomes of the connection. */
function isFraming(name: string): boolean {
  return (
    name === 'expect' ||
    name === 'upgrade' ||
    name === 'trailer' ||
    name === 'connection' ||
    name === 'keep-alive' ||
    name === 'transfer-encoding'
  );
}

/** Fields of most requests need no look at each of their characters. */
const KNOWN = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'authorization',
  'cache-control',
  'content-type',
  'cookie',
  'forwarded',
  'tenfold-depth',
  'tenfold-timeout',
  'traceparent',
  'user-agent',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-prefix',
  'x-forwarded-proto',
]);

function isKnown(name: string): boolean {
  return KNOWN.has(name);
}

function checked(protocol: string): string {
  if (NOT_VALUE.test(protocol)) throw refuse('the protocol that it asks for ends its line');
  return protocol;
}

function refuse(why: string): TransportError {
  return new TransportError('EINVAL', `The request is refused: ${why}.`);
}
