// Answers of upstreams: however their bytes are split they are the same, and what is taken llhttp
// takes, with the same status, fields and body.
import assert from 'node:assert/strict';
import { ResponseParser } from '../../../gateway/transport/http1/response-parser.ts';
import { TransportError } from '../../../gateway/transport/transport-error.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { readByLlhttp } from '../read-by-llhttp.ts';

interface Reading {
  status: number;
  fields: readonly string[];
  body: string;
  /** Bytes that belong to it; of one that is refused it is not known to the byte. */
  taken: number;
  end: 'open' | 'whole' | 'refused';
  /** Why it was refused: bytes that come one by one may meet another reason first. */
  why: string;
}

/**
 * Blanks behind the size of a chunk (RFC 9112 §7.1.1 has them before an
 * extension), which llhttp refuses.
 */
const PADDED_SIZE = /\r\n[0-9A-Fa-f]+[ \t]/;

export const http1Answer: FuzzTarget = {
  name: 'http1-answer',
  words: [
    ...[
      'HTTP/1.1 ',
      'HTTP/1.0 ',
      '200 OK\r\n',
      '100 Continue\r\n\r\n',
      '204 \r\n',
      '304 \r\n',
      '103 Early Hints\r\n',
      '\r\n',
      '\r\n\r\n',
    ],
    ...[
      'Content-Length: ',
      '5',
      '\r\n0\r\n\r\n',
      'Transfer-Encoding: chunked\r\n',
      'Transfer-Encoding: gzip\r\n',
      'chunked',
      ';a=b',
    ],
    ...[
      'Connection: close\r\n',
      'Connection: keep-alive\r\n',
      'Keep-Alive: timeout=5\r\n',
      'ffffffffffffff',
      '1\r\na\r\n',
      'X-A: b\r\n',
    ],
  ],
  runs: 6_000,
  run(input) {
    const whole = read(input, [input.length]);
    const cuts = Array.from(input, (_, index) => index + 1);
    assert.deepEqual({ ...read(input, cuts), why: whole.why }, whole, 'byte by byte it is the same');
    const half = Math.floor(input.length / 2);
    assert.deepEqual({ ...read(input, [half, input.length]), why: whole.why }, whole, 'in two halves it is the same');
    assert.ok(whole.body.length <= input.length);
    if (whole.end === 'whole' && !PADDED_SIZE.test(input.toString('latin1')))
      assertLlhttpAgrees(input.subarray(0, whole.taken), whole);
    return `${whole.end} ${whole.why} ${whole.status} ${Math.min(whole.fields.length, 6)} ${whole.body.length > 0}`;
  },
};

function read(input: Buffer, cuts: readonly number[]): Reading {
  const reading: Reading = { status: 0, fields: [], body: '', taken: 0, end: 'open', why: '' };
  const parser = new ResponseParser({
    onHead: ({ status, fields }) => Object.assign(reading, { status, fields }),
    onBody: (data, from, to) => {
      reading.body += data.toString('latin1', from, to);
    },
  });
  parser.begin(false, false);
  try {
    for (const [index, to] of cuts.entries())
      if (!parser.done) reading.taken = parser.execute(input, cuts[index - 1] ?? 0, to);
    if (parser.done) reading.end = 'whole';
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    // How much of a body came before what is wrong with it depends on how the bytes came.
    return { status: 0, fields: [], body: '', taken: 0, end: 'refused', why: error.message };
  }
  return reading;
}

function assertLlhttpAgrees(input: Buffer, reading: Reading): void {
  const messages = readByLlhttp('response', input).filter(({ status }) => status >= 200);
  assert.equal(messages.length, 1, 'llhttp sees one answer');
  const [{ status, rawHeaders, body, isWhole } = assert.fail()] = messages;
  assert.ok(isWhole, 'llhttp sees the end of it');
  assert.deepEqual({ status, body }, { status: reading.status, body: reading.body });
  assert.deepEqual(
    rawHeaders.map(text => text.replace(/^[\t ]+|[\t ]+$/g, '')),
    reading.fields,
  );
}
