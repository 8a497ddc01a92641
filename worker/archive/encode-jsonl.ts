// Rows as JSON lines, one object each with the columns as members.
import { pipeline, Readable } from 'node:stream';
import { createGzip, createZstdCompress } from 'node:zlib';
import { toTimestamp } from '../../core/world.ts';
import { ARCHIVE_COLUMNS, type ArchiveRow } from './archive-event.ts';
import type { ArchiveCompression } from './layout.ts';

/** `snappy` is for Parquet: no tool reads lines that it compressed, so lines are not compressed. */
export function encodeJsonl(
  groups: AsyncIterable<readonly ArchiveRow[]>,
  compression: ArchiveCompression,
): AsyncIterable<Uint8Array> {
  if (compression !== 'gzip' && compression !== 'zstd') return toText(groups);
  const compress = compression === 'gzip' ? createGzip() : createZstdCompress();
  // The reader gets the error of a failure.
  return pipeline(Readable.from(toText(groups), { objectMode: false }), compress, () => undefined);
}

async function* toText(groups: AsyncIterable<readonly ArchiveRow[]>): AsyncGenerator<Uint8Array> {
  for await (const rows of groups) yield Buffer.from(`${rows.map(toLine).join('\n')}\n`);
}

/** JSON columns are JSON here, not text with JSON in it. */
function toLine(row: ArchiveRow): string {
  const members: string[] = [];
  for (const { name, type } of ARCHIVE_COLUMNS) {
    const value = row[name];
    if (value === undefined) continue;
    members.push(`"${name}":${toJson(value, name === 'data' || name === 'extensions', type === 'time')}`);
  }
  return `{${members.join(',')}}`;
}

function toJson(value: string | number | Uint8Array, isJson: boolean, isTime: boolean): string {
  if (value instanceof Uint8Array) return `"${Buffer.from(value).toString('base64')}"`;
  if (typeof value === 'number') return isTime ? `"${toTimestamp(value)}"` : String(value);
  // A line break would end the line. JSON has none within its texts, and numbers keep their digits.
  if (isJson) return value.replaceAll(/[\n\r]+/g, ' ');
  return JSON.stringify(value);
}
