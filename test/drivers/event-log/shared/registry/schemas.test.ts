// Data in Avro, Protocol Buffers and JSON with a schema: what is written is read as it was, what
// does not fit is refused with its place, and hostile bytes cost little.
import assert from 'node:assert/strict';
import avsc from 'avsc';
import fc from 'fast-check';
import { compileSchema } from '../../../../../drivers/event-log/shared/registry/compile-schema.ts';
import { computingMs } from '../../../../computing-ms.ts';

const avro = (schema: unknown, references: readonly unknown[] = []) =>
  compileSchema({
    type: 'AVRO',
    text: JSON.stringify(schema),
    references: references.map((each, index) => ({ name: `r${index}`, text: JSON.stringify(each) })),
  });
const record = (...fields: readonly unknown[]) => ({ type: 'record', name: 'R', fields });
const field = (type: unknown, more: object = {}) => record({ name: 'f', type, ...more });

describe('Avro', () => {
  const rows: readonly (readonly [string, unknown, unknown])[] = [
    ['null', 'null', null],
    ['a boolean', 'boolean', true],
    ['an int', 'int', -(2 ** 31)],
    ['a long', 'long', Number.MAX_SAFE_INTEGER],
    ['a long that no number holds', 'long', '-9223372036854775808'],
    ['a double', 'double', 1.5],
    ['a double that is none', 'double', 'NaN'],
    ['a text', 'string', 'héllo ☕'],
    ['bytes', 'bytes', 'AP8='],
    ['fixed bytes', { type: 'fixed', name: 'F', size: 2 }, 'AP8='],
    ['an enum', { type: 'enum', name: 'E', symbols: ['A', 'B'] }, 'B'],
    ['a list', { type: 'array', items: 'long' }, [1, 2, 3]],
    ['a map', { type: 'map', values: 'string' }, { a: 'b', ['__proto__x']: 'c' }],
    ['a union', ['null', 'string', 'long'], 7],
    ['null in a union', ['null', 'string'], null],
    ['a record in a record', field(['null', 'R']), { f: { f: null } }],
    ['a decimal', { type: 'bytes', logicalType: 'decimal', precision: 20, scale: 2 }, '-12345678901234.56'],
    [
      'a fixed decimal',
      { type: 'fixed', name: 'D', size: 8, logicalType: 'decimal', precision: 18, scale: 4 },
      '0.0001',
    ],
    ['a timestamp', { type: 'long', logicalType: 'timestamp-millis' }, 1_769_860_800_000],
    [
      'records of two kinds',
      [field('long'), { type: 'record', name: 'S', fields: [{ name: 'g', type: 'string' }] }],
      { g: 'x' },
    ],
  ];
  for (const [name, schema, value] of rows)
    it(`${name}: is read as it was written`, async () => {
      const compiled = await avro(schema);
      assert.deepEqual(JSON.parse(compiled.decode(compiled.encode(value))), value);
    });

  it('reads what another implementation writes, in blocks of any kind', async () => {
    const schema = record(
      { name: 'xs', type: { type: 'array', items: 'int' } },
      { name: 'm', type: { type: 'map', values: 'double' } },
    );
    const value = { xs: [1, -1, 64], m: { a: 0.5 } };
    const compiled = await avro(schema);
    assert.deepEqual(JSON.parse(compiled.decode(avsc.Type.forSchema(schema as never).toBuffer(value))), value);
    // A block with its size: -2 items, 2 bytes, then the items and the end.
    const sized = Buffer.from([3, 4, 2, 4, 0]);
    assert.deepEqual(JSON.parse((await avro({ type: 'array', items: 'int' })).decode(sized)), [1, 2]);
  });

  it('refuses an int of more than 32 bits, which its writer cannot have meant', async () => {
    const schema = await avro('int');
    assert.throws(() => schema.decode(Buffer.from([0xff, 0xff, 0xff, 0xff, 0x7f])), /more than 32 bits/);
    assert.equal(schema.decode(Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f])), String(-(2 ** 31)));
  });

  it('uses schemas that others refer to, and defaults', async () => {
    const compiled = await avro(record({ name: 'm', type: 'com.x.Money' }, { name: 'n', type: 'long', default: 5 }), [
      { type: 'record', name: 'Money', namespace: 'com.x', fields: [{ name: 'cents', type: 'int' }] },
    ]);
    assert.deepEqual(JSON.parse(compiled.decode(compiled.encode({ m: { cents: 3 } }))), { m: { cents: 3 }, n: 5 });
  });

  const wrong: readonly (readonly [string, unknown, unknown, RegExp])[] = [
    ['a missing field', field('long'), {}, /at \/f it is required/],
    ['a field too many', field('long'), { f: 1, 'a/b': 2 }, /at \/a~1b it is not a field/],
    ['a text for a number', field('long'), { f: 'x' }, /at \/f it must be an integer/],
    ['a fraction for an integer', field('int'), { f: 1.5 }, /must be an integer/],
    ['an integer that is too large', field('int'), { f: 2 ** 31 }, /must be between/],
    ['a number that a long cannot hold', field('long'), { f: '9223372036854775808' }, /must be between/],
    ['a number that is not exact any more', field('long'), { f: 2 ** 60 }, /must be an integer/],
    ['no symbol', { type: 'enum', name: 'E', symbols: ['A'] }, 'B', /must be one of A/],
    ['none of a union', ['null', 'long', 'boolean'], 'x', /must be one of null, long, boolean/],
    [
      'a decimal of too many places',
      { type: 'bytes', logicalType: 'decimal', precision: 4, scale: 2 },
      '1.234',
      /decimal/,
    ],
    ['no Base64', 'bytes', 'ä', /must be Base64/],
    ['a list for a record', field('long'), [], /must be an object/],
  ];
  for (const [name, schema, value, why] of wrong)
    it(`refuses ${name}`, async () => {
      const compiled = await avro(schema);
      assert.throws(() => compiled.encode(value), why);
    });

  it('four bytes that claim millions of items cost nothing', async () => {
    const claim = avsc.Type.forSchema('long').toBuffer(2 ** 40);
    for (const items of ['int', 'null', { type: 'record', name: 'N', fields: [] }]) {
      const list = await avro({ type: 'array', items });
      assert.throws(() => list.decode(claim), /more items than it has bytes/);
    }
    // Records in records that take no bytes.
    let schema: unknown = { type: 'record', name: 'L0', fields: [] };
    for (let level = 1; level < 40; level++)
      schema = {
        type: 'record',
        name: `L${level}`,
        fields: [
          { name: 'a', type: schema },
          { name: 'b', type: `L${level - 1}` },
        ],
      };
    const laughs = await avro(schema);
    assert.throws(() => laughs.decode(Buffer.alloc(0)), /far more values than bytes/);
    const deep = await avro({ type: 'record', name: 'T', fields: [{ name: 't', type: ['null', 'T'] }] });
    assert.throws(() => deep.decode(Buffer.alloc(100_000, 2)), /levels deep/);
  });
  it('any bytes are read or refused, soon', async () => {
    const schema = await avro(
      record(
        { name: 'a', type: { type: 'array', items: ['null', 'string', { type: 'map', values: 'long' }] } },
        { name: 'd', type: { type: 'bytes', logicalType: 'decimal', precision: 9, scale: 2 } },
        { name: 'r', type: ['null', 'R'] },
      ),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
        try {
          JSON.parse(schema.decode(Buffer.from(bytes)));
        } catch (error) {
          assert.ok(error instanceof Error && !(error instanceof TypeError), String(error));
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('Protocol Buffers', () => {
  const PAYMENT = `syntax = "proto3"; package billing;
import "google/protobuf/timestamp.proto";
import "money.proto";
message Payment { string id = 1; common.Money amount = 2; int64 at_nanos = 3; Kind kind = 4; google.protobuf.Timestamp at = 5; bytes raw = 6;
  message Note { string text = 1; message Deep { int32 n = 1; } } enum Kind { UNKNOWN = 0; CARD = 1; } }
message Refund { string of = 1; }`;
  const MONEY = 'syntax = "proto3"; package common; message Money { int32 cents = 1; } message Other { string o = 1; }';
  const compile = () =>
    compileSchema({ type: 'PROTOBUF', text: PAYMENT, references: [{ name: 'money.proto', text: MONEY }] });

  it('is ProtoJSON: read as it was written, with messages of others and of Google', async () => {
    const compiled = await compile();
    const value = {
      id: 'p',
      amount: { cents: 5 },
      atNanos: '9007199254740993',
      kind: 'CARD',
      at: '2026-01-31T12:00:00Z',
      raw: 'AP8=',
    };
    const bytes = compiled.encode(value);
    assert.equal(bytes[0], 0, 'the first message');
    const read = JSON.parse(compiled.decode(bytes));
    assert.deepEqual({ ...read, at: new Date(read.at).toISOString() }, { ...value, at: '2026-01-31T12:00:00.000Z' });
  });

  it('reads the message that a record names', async () => {
    const compiled = await compile();
    // One index, 1: Refund. Then field 1, a text of one byte.
    assert.deepEqual(JSON.parse(compiled.decode(Buffer.from([2, 2, 10, 1, 120]))), { of: 'x' });
    // Three indexes, 0, 0, 0: Payment.Note.Deep.
    assert.deepEqual(JSON.parse(compiled.decode(Buffer.from([6, 0, 0, 0, 8, 7]))), { n: 7 });
    assert.throws(() => compiled.decode(Buffer.from([2, 40])), /has no message 20/);
    assert.throws(() => compiled.decode(Buffer.from([1])), /which message/);
    assert.throws(() => compiled.decode(Buffer.from([0, 10, 200, 1])), Error);
  });

  it('refuses what does not fit, nothing is dropped or made to fit', async () => {
    const compiled = await compile();
    for (const value of [
      { unknown: 1 },
      { id: 5 },
      { amount: { cents: 'x' } },
      { amount: { cents: 2 ** 40 } },
      { kind: 'CASH' },
      [],
      'x',
    ])
      assert.throws(() => compiled.encode(value), Error, JSON.stringify(value));
  });
});

describe('JSON with a schema', () => {
  it('is checked when it is written', async () => {
    const text = JSON.stringify({
      type: 'object',
      properties: { n: { type: 'integer' }, s: { pattern: '^(a+)+$' } },
      required: ['n'],
    });
    const compiled = await compileSchema({ type: 'JSON', text, references: [] });
    assert.deepEqual(JSON.parse(compiled.decode(compiled.encode({ n: 1 }))), { n: 1 });
    assert.throws(() => compiled.encode({ n: 'x' }), /at \/n it must be integer/);
    const ms = computingMs(() => assert.throws(() => compiled.encode({ n: 1, s: `${'a'.repeat(40)}!` }), /at \/s/));
    assert.ok(ms < 1000, `${ms} ms`);
    assert.throws(() => compiled.decode(Buffer.from('{')), Error);
  });
});
