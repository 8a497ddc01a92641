// Answers as bytes: which are right, which are refused, and that neither the split of the bytes nor
// random ones change anything.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ResponseParser } from '../../../../gateway/transport/http1/response-parser.ts';
import { computingMs } from '../../../computing-ms.ts';

interface Reading {
  status: number;
  fields: readonly string[];
  body: string;
  end: 'whole' | 'open' | 'refused';
  keepAlive: boolean | undefined;
  /** Bytes behind the answer. */
  rest: number;
}

interface Asked {
  readonly head?: boolean;
  readonly upgrade?: boolean;
  /** Whether the connection ends behind the bytes. */
  readonly ends?: boolean;
}

/**
 * Reads `text` in pieces that end at `cuts`, each in the middle of a buffer that
 * holds other bytes around it.
 */
function read(text: string, { head = false, upgrade = false, ends = false }: Asked = {}, cuts: number[] = []): Reading {
  const reading: Reading = { status: 0, fields: [], body: '', end: 'open', keepAlive: undefined, rest: 0 };
  const parser = new ResponseParser({
    onHead: ({ status, fields, keepAlive }) => Object.assign(reading, { status, fields, keepAlive }),
    onBody: (data, from, to) => {
      reading.body += data.toString('latin1', from, to);
    },
  });
  parser.begin(head, upgrade);
  const bytes = Buffer.from(text, 'latin1');
  const borders = [0, ...cuts.map(cut => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  try {
    for (const [index, to] of borders.entries()) {
      const from = borders[index - 1] ?? 0;
      const data = Buffer.concat([Buffer.from('\r\n\r\n0'), bytes.subarray(from, to), Buffer.from('\r\n\r\nHTTP/1.1')]);
      if (!parser.done) reading.rest = bytes.length - from - parser.execute(data, 5, 5 + to - from) + 5;
    }
    if (ends) parser.finish();
    if (parser.done) reading.end = 'whole';
  } catch {
    reading.end = 'refused';
  }
  return reading;
}

const OK = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;

interface Right extends Asked {
  readonly text: string;
  readonly is: Partial<Reading>;
}

const right: Record<string, Right> = {
  'a body with a length': {
    text: `${OK}Content-Length: 2\r\nX-A: b\r\n\r\nok`,
    is: { status: 200, body: 'ok', end: 'whole', keepAlive: true, rest: 0 },
  },
  'no body': { text: `${OK}content-length:0\r\n\r\n`, is: { body: '', end: 'whole', rest: 0 } },
  'fields with blanks, without a value, twice, with bytes above ASCII': {
    text: `${OK}A:  b c \t\r\nA:d\r\nEmpty:\r\nX: \xe9\r\nContent-Length: 0\r\n\r\n`,
    is: { fields: ['A', 'b c', 'A', 'd', 'Empty', '', 'X', '\xe9', 'Content-Length', '0'] },
  },
  'no reason': { text: 'HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n', is: { status: 200, end: 'whole' } },
  chunks: { text: `${CHUNKED}2\r\nok\r\nA\r\n0123456789\r\n0\r\n\r\n`, is: { body: 'ok0123456789', end: 'whole' } },
  'chunks with zeros in front and extensions': {
    text: `${CHUNKED}0002;a="b"\r\nok\r\n1 ;c\r\n!\r\n000\r\n\r\n`,
    is: { body: 'ok!', end: 'whole', rest: 0 },
  },
  'trailers, which are dropped': {
    text: `${CHUNKED}1\r\na\r\n0\r\nContent-Length: 7\r\nX: y\r\n\r\n`,
    is: { body: 'a', end: 'whole', fields: ['Transfer-Encoding', 'chunked'] },
  },
  'a body that ends with the connection': {
    text: `${OK}\r\nall of it`,
    ends: true,
    is: { body: 'all of it', end: 'whole' },
  },
  'an answer to HEAD': { text: `${OK}Content-Length: 9\r\n\r\n`, head: true, is: { body: '', end: 'whole' } },
  'an answer to HEAD in chunks': { text: CHUNKED, head: true, is: { body: '', end: 'whole' } },
  '204': { text: 'HTTP/1.1 204 No Content\r\n\r\n', is: { status: 204, end: 'whole' } },
  '304 with a length': {
    text: 'HTTP/1.1 304 x\r\nContent-Length: 9\r\n\r\n',
    is: { status: 304, end: 'whole', body: '' },
  },
  'interim answers in front': {
    text: `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${OK}Content-Length: 1\r\n\r\n!`,
    is: { status: 200, body: '!', end: 'whole' },
  },
  'a 101 that was asked for, and what follows it': {
    text: 'HTTP/1.1 101 x\r\nUpgrade: tcp\r\n\r\nbytes',
    upgrade: true,
    is: { status: 101, end: 'whole', rest: 5 },
  },
  'an answer behind the answer, which is left': {
    text: `${OK}Content-Length: 1\r\n\r\n!${OK}Content-Length: 0\r\n\r\n`,
    is: { body: '!', end: 'whole', rest: 38 },
  },
  'Connection: close': { text: `${OK}Connection: Close\r\nContent-Length: 0\r\n\r\n`, is: { keepAlive: false } },
  'close among others, in two fields': {
    text: `${OK}Connection: x\r\nConnection: y, close\r\nContent-Length: 0\r\n\r\n`,
    is: { keepAlive: false },
  },
  'HTTP/1.0': { text: 'HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n', is: { keepAlive: false } },
  'HTTP/1.0 with keep-alive': {
    text: 'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n',
    is: { keepAlive: true },
  },
};

const refused: Record<string, string> = {
  'Content-Length and Transfer-Encoding': `${OK}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n`,
  'Transfer-Encoding and Content-Length': `${OK}Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n`,
  'two different lengths': `${OK}Content-Length: 1\r\ncontent-length: 2\r\n\r\n`,
  'the same length twice': `${OK}Content-Length: 1\r\nContent-Length: 1\r\n\r\n`,
  ...Object.fromEntries(
    ['1, 1', '+1', '-1', '0x1', '01', '', '1 1', '1.0', '1e3', '9999999999999999', '١'].map(value => [
      `the length "${value}"`,
      `${OK}Content-Length: ${Buffer.from(value).toString('latin1')}\r\n\r\n`,
    ]),
  ),
  ...Object.fromEntries(
    ['chunked, identity', 'gzip, chunked', 'xchunked', ',chunked', 'identity', '', 'chunked;q=1', '"chunked"'].map(
      value => [`the coding "${value}"`, `${OK}Transfer-Encoding: ${value}\r\n\r\n`],
    ),
  ),
  'the coding twice': `${OK}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n`,
  'a coding in HTTP/1.0': 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
  'a blank before the colon': `${OK}Content-Length : 2\r\n\r\n`,
  'a folded line': `${OK}A: b\r\n c\r\n\r\n`,
  'a folded line at once': `${OK} a: b\r\n\r\n`,
  'a line feed alone in the head': `${OK}A: b\nC: d\r\n\r\n`,
  'a head with line feeds alone': 'HTTP/1.1 200 OK\nContent-Length: 0\n\n',
  'a carriage return alone': `${OK}A: b\rC: d\r\n\r\n`,
  'a NUL': `${OK}A: b\0\r\n\r\n`,
  'a DEL': `${OK}A: b\x7f\r\n\r\n`,
  'a field without a name': `${OK}: b\r\n\r\n`,
  'a name that is no token': `${OK}A(b): c\r\n\r\n`,
  'a name above ASCII': `${OK}\xe4: c\r\n\r\n`,
  'a line without a colon': `${OK}Abc\r\n\r\n`,
  'an empty line in front': `\r\n${OK}\r\n`,
  'status 42': 'HTTP/1.1 42 No\r\n\r\n',
  'status 099': 'HTTP/1.1 099 No\r\n\r\n',
  'status 2000': 'HTTP/1.1 2000 No\r\n\r\n',
  'two blanks before the status': 'HTTP/1.1  200 OK\r\n\r\n',
  'a NUL in the reason': 'HTTP/1.1 200 O\0K\r\n\r\n',
  'HTTP/1.2': 'HTTP/1.2 200 OK\r\n\r\n',
  'HTTP/2.0': 'HTTP/2.0 200 OK\r\n\r\n',
  'http in lower case': 'http/1.1 200 OK\r\n\r\n',
  'HTTP/0.9': '<html>hello</html>',
  'a 101 that nobody asked for': 'HTTP/1.1 101 x\r\nUpgrade: tcp\r\n\r\n',
  'a flood of interim answers': 'HTTP/1.1 103 x\r\n\r\n'.repeat(40),
  'a head of 70 KB': `${OK}A: ${'a'.repeat(70_000)}\r\n\r\n`,
  'a head of 70 KB without end': `${OK}A: ${'a'.repeat(70_000)}`,
  'fields without end': OK + 'A: b\r\n'.repeat(12_000),
  ...Object.fromEntries(
    [
      'zz\r\n',
      '\r\n',
      ';a\r\n',
      '-1\r\n',
      '+1\r\na',
      '0x1\r\na',
      '1\na',
      '1\ra',
      '1\r\na\n',
      '1\r\nab\r\n',
      '2\r\na\r\n',
      '1;\0\r\na',
      '1;a\nb\r\na',
      '100000000000000000\r\n',
      `1;${'a'.repeat(5000)}`,
      `${'0'.repeat(40)}1\r\na`,
      '0\r\n\n',
      '0\r\n: a\r\n\r\n',
      '0\r\n a: b\r\n\r\n',
      '0\r\nA: b\0\r\n\r\n',
      '0\r\nA: b\n\r\n',
      '0\r\n\r\r',
      `0\r\n${'A: b\r\n'.repeat(5000)}`,
    ].map(chunks => [`the chunks ${JSON.stringify(chunks.slice(0, 24))}`, `${CHUNKED}${chunks}`]),
  ),
};

describe('response parser', () => {
  for (const [name, { text, is, ...asked }] of Object.entries(right)) {
    it(`reads ${name}`, () => {
      const reading = read(text, asked);
      assert.deepEqual({ ...reading, ...is }, reading);
    });
  }

  for (const [name, text] of Object.entries(refused)) {
    it(`refuses ${name}`, () => assert.equal(read(text).end, 'refused'));
  }

  for (const text of [
    'HTTP/1.1 200 O',
    `${OK}Content-Length: 2\r\n\r\no`,
    `${CHUNKED}2\r\nok\r\n`,
    `${CHUNKED}0\r\n`,
  ]) {
    it(`refuses ${JSON.stringify(text)} and then an end`, () => {
      assert.equal(read(text).end, 'open');
      assert.equal(read(text, { ends: true }).end, 'refused');
    });
  }

  const texts = [...Object.values(refused), ...Object.values(right).map(({ text }) => text)].filter(
    text => text.length < 10_000,
  );
  const asked = fc.record({ head: fc.boolean(), upgrade: fc.boolean(), ends: fc.boolean() });
  const cuts = fc.array(fc.nat(2000), { maxLength: 12 });

  it('reads the same however the bytes are split', () => {
    fc.assert(
      fc.property(fc.constantFrom(...texts), asked, cuts, (text, how, where) => {
        const whole = read(text, how);
        const split = read(text, how, where);
        // Of an answer that is refused in the end, how much was read before depends on the split.
        if (whole.end === 'refused') assert.equal(split.end, 'refused');
        else assert.deepEqual(split, whole);
      }),
      { numRuns: 3000 },
    );
    for (const text of texts) {
      const every = Array.from({ length: text.length }, (_, index) => index);
      assert.equal(read(text, {}, every).end, read(text).end, JSON.stringify(text.slice(0, 200)));
    }
  });

  it('neither hangs nor breaks on damaged answers and random bytes', () => {
    const damage = fc.record({ at: fc.nat(400), count: fc.nat(4), by: fc.string({ unit: 'binary', maxLength: 4 }) });
    fc.assert(
      fc.property(fc.constantFrom(...texts), damage, asked, cuts, (text, { at, count, by }, how, where) => {
        const start = at % (text.length + 1);
        const damaged = text.slice(0, start) + Buffer.from(by).toString('latin1') + text.slice(start + count);
        const whole = read(damaged, how);
        const split = read(damaged, how, where);
        assert.equal(split.end, whole.end);
        if (whole.end !== 'refused') assert.deepEqual(split, whole);
      }),
      { numRuns: 3000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), asked, (bytes, how) => {
        assert.notEqual(read(Buffer.from(bytes).toString('latin1'), how).end, 'whole');
      }),
    );
  });

  it('is not slow on heads that are made to be slow', () => {
    for (const text of [`${OK}A:${' '.repeat(65_000)}\0\r\n\r\n`, `${OK}${'a:\t'.repeat(20_000)}\0\r\n\r\n`]) {
      assert.ok(computingMs(() => assert.equal(read(text).end, 'refused')) < 200);
    }
  });
});
