// Files of an archive say what the rows say, in each format and however they are compressed, to
// readers that are not ours.
import assert from 'node:assert/strict';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { ARCHIVE_COLUMNS, type ArchiveRow, toArchiveRow } from '../../../worker/archive/archive-event.ts';
import { encodeJsonl } from '../../../worker/archive/encode-jsonl.ts';
import { encodeParquet } from '../../../worker/archive/encode-parquet.ts';
import { DAY, rowOf } from './make.ts';

const compressors = {
  GZIP: (input: Uint8Array) => gunzipSync(input),
  ZSTD: (input: Uint8Array) => zstdDecompressSync(input),
};

async function* inGroups(groups: readonly (readonly ArchiveRow[])[]) {
  yield* groups;
}

async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

function fileOf(bytes: Buffer): ArrayBuffer {
  const copy = new ArrayBuffer(bytes.length);
  bytes.copy(Buffer.from(copy));
  return copy;
}

/** As a reader of Parquet sees the row. */
function asRead(row: ArchiveRow) {
  return Object.fromEntries(
    ARCHIVE_COLUMNS.map(({ name, type }) => {
      const value = row[name];
      if (value === undefined) return [name, null];
      if (type === 'time') return [name, new Date(Number(value))];
      return [name, type === 'int64' ? BigInt(Number(value)) : value];
    }),
  );
}

describe('a Parquet file of an archive', () => {
  for (const compression of ['none', 'snappy', 'gzip', 'zstd'] as const) {
    it(`holds all rows in order, compressed by ${compression}`, async () => {
      const groups = [[0, 1, 2].map(offset => rowOf(offset)), [rowOf(3)]];
      const file = fileOf(await bytesOf(encodeParquet(inGroups(groups), compression)));
      const rows = await parquetReadObjects({ file, compressors });
      assert.deepEqual(rows, groups.flat().map(asRead));
      assert.equal(parquetMetadata(file).row_groups.length, 2);
    });
  }

  it('is a file with columns and no rows when there are none', async () => {
    const file = fileOf(await bytesOf(encodeParquet(inGroups([]), 'snappy')));
    assert.deepEqual(await parquetReadObjects({ file }), []);
    assert.deepEqual(
      parquetMetadata(file)
        .schema.slice(1)
        .map(({ name }) => name),
      ARCHIVE_COLUMNS.map(({ name }) => name),
    );
  });

  it('gives back any text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 20 }), async texts => {
        const rows = texts.map((text, offset) => rowOf(offset, { id: text, data: JSON.stringify(text) }));
        const file = fileOf(await bytesOf(encodeParquet(inGroups([rows]), 'snappy')));
        assert.deepEqual(await parquetReadObjects({ file }), rows.map(asRead));
      }),
      { numRuns: 50 },
    );
  });
});

describe('a file of JSON lines of an archive', () => {
  const decoders = {
    none: (bytes: Buffer) => bytes,
    snappy: (bytes: Buffer) => bytes,
    gzip: gunzipSync,
    zstd: zstdDecompressSync,
  };
  for (const [compression, decode] of Object.entries(decoders)) {
    it(`has one object a row, compressed by ${compression}`, async () => {
      const rows = [rowOf(0), rowOf(1, { data: '{"a":\n1}', key: undefined })];
      const bytes = await bytesOf(encodeJsonl(inGroups(rows.map(row => [row])), compression as 'none'));
      const lines = decode(bytes)
        .toString()
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line));
      assert.equal(lines.length, 2);
      const [first, second] = lines;
      assert.equal(first.time, '2026-11-25T00:00:00.000Z');
      assert.deepEqual(first.data, { offset: 0 });
      assert.deepEqual(second.data, { a: 1 });
      assert.ok(!('key' in second), 'what is not there is left out');
    });
  }

  it('keeps every digit of numbers in data that have several lines', async () => {
    const rows = [rowOf(0, { data: '{\n  "id": 9007199254740993,\r\n  "note": "a\\nb"\n}' })];
    const text = (await bytesOf(encodeJsonl(inGroups([rows]), 'none'))).toString();
    assert.match(text, /^\{[^\n]*"data":\{ {3}"id": 9007199254740993, {3}"note": "a\\nb" \}[^\n]*\}\n$/);
  });
});

describe('a row of an archive', () => {
  const place = { partition: 1, offset: 7, index: 2, appendedMs: DAY };
  const event = { specversion: '1.0' as const, id: 'a', source: '/s', type: 'T' };
  const cases = {
    'JSON data as text': [
      { ...event, data: { a: [1] } },
      { data: '{"a":[1]}', bytes: undefined },
    ],
    'text as a JSON string': [
      { ...event, data: 'hi' },
      { data: '"hi"', bytes: undefined },
    ],
    'bytes as bytes': [
      { ...event, data: Buffer.of(0, 255) },
      { data: undefined, bytes: Buffer.of(0, 255) },
    ],
    'no data as nothing': [event, { data: undefined, bytes: undefined }],
    'other attributes as one object': [
      { ...event, traceparent: '00-1', n: 5 },
      { extensions: '{"traceparent":"00-1","n":5}' },
    ],
    'its place': [event, { partition: 1, offset: 7, nr: 2, appended: DAY }],
  } as const;
  for (const [name, [given, expected]] of Object.entries(cases)) {
    it(`has ${name}`, () => {
      const row: Record<string, unknown> = toArchiveRow({ event: given, timeMs: DAY, key: null }, place);
      for (const [column, value] of Object.entries(expected)) assert.deepEqual(row[column], value);
    });
  }
});
