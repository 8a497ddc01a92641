// Rows as a Parquet file, one row group after the other, so that a whole file is never in memory.
import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { CompressionCodec, SchemaElement } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { ARCHIVE_COLUMNS, type ArchiveRow, type Column } from './archive-event.ts';
import type { ArchiveCompression } from './layout.ts';

const CODECS: Readonly<Record<ArchiveCompression, CompressionCodec>> = {
  none: 'UNCOMPRESSED',
  snappy: 'SNAPPY',
  gzip: 'GZIP',
  zstd: 'ZSTD',
};
/** The folders of a row, for readers of events that are in no file yet. */
const FOLDERS = { name: 'folders', type: 'text', required: false } as const;

/**
 * Each of `groups` becomes a row group. An empty group writes nothing. `withFolders` adds a column
 * of the folders below that of the time.
 */
export async function* encodeParquet(
  groups: AsyncIterable<readonly ArchiveRow[]>,
  compression: ArchiveCompression,
  withFolders = false,
): AsyncGenerator<Uint8Array> {
  const columns = withFolders ? [...ARCHIVE_COLUMNS, FOLDERS] : ARCHIVE_COLUMNS;
  const schema = [{ name: 'event', num_children: columns.length }, ...columns.map(toElement)];
  const bytes = new ByteWriter(1 << 20);
  const writer = new ParquetWriter({
    writer: bytes,
    schema,
    codec: CODECS[compression],
    compressors: { GZIP: input => gzipSync(input), ZSTD: input => zstdCompressSync(input) },
    createdBy: 'tenfold',
  });
  for await (const rows of groups) {
    writer.write({
      columnData: columns.map(({ name, type }) => ({ name, data: rows.map(row => toValue(row[name], type)) })),
      rowGroupSize: rows.length,
    });
    yield taken(bytes);
  }
  writer.finish();
  yield taken(bytes);
}

/**
 * Takes the bytes of the writer, which goes on at its beginning. The offsets in the file count on.
 */
function taken(bytes: ByteWriter): Uint8Array {
  const copy = bytes.getBytes().slice();
  bytes.index = 0;
  return copy;
}

function toElement({ name, type, required }: Omit<Column, 'description'>): SchemaElement {
  const repetition_type = required ? 'REQUIRED' : 'OPTIONAL';
  switch (type) {
    case 'text':
      return { name, type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' }, repetition_type };
    case 'bytes':
      return { name, type: 'BYTE_ARRAY', repetition_type };
    case 'time':
      return {
        name,
        type: 'INT64',
        converted_type: 'TIMESTAMP_MILLIS',
        logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
        repetition_type,
      };
    case 'int32':
      return { name, type: 'INT32', repetition_type };
    case 'int64':
      return { name, type: 'INT64', repetition_type };
  }
}

function toValue(value: ArchiveRow[Column['name'] & keyof ArchiveRow], type: Column['type']) {
  if (value === undefined) return null;
  return (type === 'time' || type === 'int64') && typeof value === 'number' ? BigInt(value) : value;
}
