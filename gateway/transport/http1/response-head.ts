// Reads the head of an answer (RFC 9112 §4 to §6), refusing whatever two
// readers could take in two ways.
import { TransportError } from '../transport-error.ts';

export interface ParsedResponseHead {
  readonly status: number;
  /** Name (as received) and value in turn. */
  readonly fields: string[];
  /** Bytes of the body as announced; undefined without Content-Length. */
  readonly contentLength: number | undefined;
  readonly chunked: boolean;
  /** Whether the other side lets the connection be used again. */
  readonly keepAlive: boolean;
  /** For how long it says to keep it, seconds. */
  readonly keepAliveSeconds: number | undefined;
}

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9][0-9]{2})(?: [\t\x20-\x7e\x80-\xff]*)?$/;
/**
 * One pass over all of it: names are tokens, values have no control characters, no line is
 * folded, each ends with CRLF.
 */
const FIELD_LINES = /^(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e\x80-\xff]*\r\n)*$/;
/** Up to a petabyte, which a number holds exactly. */
const LENGTH = /^(?:0|[1-9][0-9]{0,14})$/;
const KEEP_ALIVE_TIMEOUT = /(?:^|[,\s])timeout=([0-9]{1,6})(?:$|[,\s])/i;

/** `text`: the head in latin-1, up to and with the end of its last line, without the empty one. */
export function parseResponseHead(text: string): ParsedResponseHead {
  let at = text.indexOf('\r\n');
  const status = STATUS_LINE.exec(text.slice(0, at));
  if (status === null) throw malformed('its first line is no status line of HTTP/1');
  at += 2;
  const lines = text.slice(at);
  if (!FIELD_LINES.test(lines)) throw malformed('a line of its head is no header field');
  const fields: string[] = [];
  let contentLength: number | undefined;
  let coding: string | undefined;
  let connection = '';
  let keepAliveSeconds: number | undefined;
  for (let from = 0; from < lines.length; ) {
    const colon = lines.indexOf(':', from);
    const end = lines.indexOf('\r\n', colon);
    const name = lines.slice(from, colon);
    const value = trimmed(lines, colon + 1, end);
    from = end + 2;
    fields.push(name, value);
    // The length tells the names that matter from nearly all others.
    switch (name.length) {
      case 10: {
        const lower = name.toLowerCase();
        if (lower === 'connection') connection += `,${value}`;
        else if (lower === 'keep-alive') keepAliveSeconds = secondsOf(value);
        break;
      }
      case 14:
        if (name.toLowerCase() !== 'content-length') break;
        if (contentLength !== undefined) throw malformed('it has more than one Content-Length');
        if (!LENGTH.test(value)) throw malformed('its Content-Length is not a plain number');
        contentLength = Number(value);
        break;
      case 17:
        if (name.toLowerCase() !== 'transfer-encoding') break;
        if (coding !== undefined) throw malformed('it has more than one Transfer-Encoding');
        coding = value.toLowerCase();
        break;
    }
  }
  const modern = status[1] === '1';
  if (coding !== undefined) {
    if (coding !== 'chunked') throw malformed('its Transfer-Encoding is not exactly "chunked"');
    if (contentLength !== undefined) throw malformed('it has both Content-Length and Transfer-Encoding');
    if (!modern) throw malformed('HTTP/1.0 has no Transfer-Encoding');
  }
  return {
    status: Number(status[2]),
    fields,
    contentLength,
    chunked: coding !== undefined,
    keepAlive: connection === '' ? modern : isKept(connection, modern),
    keepAliveSeconds,
  };
}

function isKept(connection: string, modern: boolean): boolean {
  const options = connection
    .toLowerCase()
    .split(',')
    .map(option => option.trim());
  if (options.includes('close') || options.includes('upgrade')) return false;
  return modern || options.includes('keep-alive');
}

function secondsOf(value: string): number | undefined {
  const seconds = KEEP_ALIVE_TIMEOUT.exec(value)?.[1];
  return seconds === undefined ? undefined : Number(seconds);
}

function trimmed(text: string, from: number, end: number): string {
  let first = from;
  let last = end;
  while (first < last && isBlank(text.charCodeAt(first))) first++;
  while (last > first && isBlank(text.charCodeAt(last - 1))) last--;
  return text.slice(first, last);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

export function malformed(why: string): TransportError {
  return new TransportError('EPROTO', `The answer is refused: ${why}.`);
}
