// The layout of an archive in the blob store and in the store. The writer and the readers of an
// archive must agree on it.
import { createHash } from 'node:crypto';
import { TenfoldError } from '../../core/errors.ts';
import { toTimestamp } from '../../core/world.ts';

export type ArchiveFormat = 'parquet' | 'jsonl';
export type ArchiveCompression = 'none' | 'snappy' | 'gzip' | 'zstd';

export interface ArchiveLayout {
  readonly namespace: string;
  /** The name of the table in SQL. */
  readonly table: string;
  /** Beginning of all keys in the blob store, with a slash at its end. */
  readonly root: string;
  /** Id that tells archives apart that share a folder. */
  readonly id: string;
  readonly format: ArchiveFormat;
  readonly compression: ArchiveCompression;
  readonly partitionBy: 'day' | 'hour';
  /** Names of the folders below those of the time, in their order. */
  readonly folders?: readonly string[];
  /** Hash of all that decides the content of a file. */
  readonly definition: string;
}

/** Beginning of the keys of all archives. */
export const ARCHIVES = 'archive/';
/** The consumer of the positions in the scopes of an archive. */
export const ARCHIVE_CONSUMER = 'archive';
/** The table of whole files, in each scope. */
export const FILES_TABLE = 'files';
/** The same files by the time at which they were written. */
export const AT_INDEX = 'at';

export function archiveScopeOf({ namespace, id }: Pick<ArchiveLayout, 'namespace' | 'id'>, partition: number): string {
  return `archive/${namespace}/${id}/${partition}`;
}

/** `sink`: the sink of the pipeline that writes the archive. */
export function archiveIdOf(namespace: string, pipeline: string, sink: string): string {
  return shortHash(`${namespace}/${pipeline}/${sink}`);
}

export function archiveRootOf(namespace: string, prefix: string): string {
  return `${ARCHIVES}${namespace}/${prefix}/`;
}

/** `date=2026-11-25` or `date=2026-11-25/hour=07`, as Hive, Spark and DuckDB know it. */
export function folderOf(timeMs: number, partitionBy: ArchiveLayout['partitionBy']): string {
  const time = toTimestamp(timeMs);
  const date = `date=${time.slice(0, 10)}`;
  return partitionBy === 'day' ? date : `${date}/hour=${time.slice(11, 13)}`;
}

/** The folder of a row: that of its time, and the further ones. */
export function folderOfRow(
  { time, folders }: { readonly time?: unknown; readonly folders?: string },
  partitionBy: ArchiveLayout['partitionBy'],
): string {
  const folder = folderOf(Number(time), partitionBy);
  return folders === undefined ? folder : `${folder}/${folders}`;
}

/** The folder of a value that is not there, as Hive, Spark and DuckDB name it. */
export const NO_VALUE = '__HIVE_DEFAULT_PARTITION__';
/** Longest name of a folder. With the longest prefix, three of these are a key that S3 takes. */
const MAX_FOLDER = 80;

/**
 * `country=DE`. All but letters, digits, "-" and "_" is written as bytes in hexadecimal, so no
 * value leaves its folder.
 */
export function valueFolderOf(name: string, value: string | undefined): string {
  const plain = value === undefined || value === '' ? NO_VALUE : encodeURIComponent(value.toWellFormed());
  const folder = `${name}=${plain.replaceAll(/[.!'()*~]/g, sign => `%${hexOf(sign)}`)}`;
  if (folder.length <= MAX_FOLDER) return folder;
  throw new TenfoldError(
    'invalid-input',
    `The value of the folder "${name}" has more than ${MAX_FOLDER - name.length - 1} characters as the name of a folder. Choose a value that few events have for themselves, such as a country.`,
  );
}

function hexOf(sign: string): string {
  return sign.charCodeAt(0).toString(16).toUpperCase();
}

/**
 * The key of the file that holds the events of a folder from a range. A range that is decided anew
 * after a change has other names.
 */
export function fileKeyOf(layout: ArchiveLayout, folder: string, partition: number, from: number, to: number): string {
  const { root, id, definition } = layout;
  const range = `p${padded(partition, 4)}-${padded(from)}-${padded(to)}`;
  return `${root}${folder}/${id}-${range}-${definition}${endingOf(layout)}`;
}

export interface FileName {
  /** Id of the archive. */
  readonly id: string;
  readonly partition: number;
  readonly from: number;
  /** The end, exclusive; of a range record it is not known. */
  readonly to: number;
  readonly definition: string;
  readonly isRange: boolean;
}

const FILE_NAME = /\/([0-9a-f]{8})-p(\d{4,})-(\d{16})-(?:(\d{16})-)?([0-9a-z]+)\.[a-z.]+$/;

/** Parses the key of a file, or of the record of a range; undefined for other keys. */
export function parseFileName(key: string): FileName | undefined {
  const [, id, partition, from, to, definition] = FILE_NAME.exec(key) ?? [];
  if (id === undefined || definition === undefined) return undefined;
  return {
    id,
    partition: Number(partition),
    from: Number(from),
    to: Number(to ?? from),
    definition,
    isRange: key.includes('/_ranges/'),
  };
}

/**
 * Beginning of the keys of a partition's range records. Hive, Spark and the like do not read names
 * with a leading `_` as data.
 */
export function rangePrefixOf({ root, id }: Pick<ArchiveLayout, 'root' | 'id'>, partition: number): string {
  return `${root}_ranges/${id}-p${padded(partition, 4)}-`;
}

export function rangeKeyOf(layout: ArchiveLayout, partition: number, from: number): string {
  return `${rangePrefixOf(layout, partition)}${padded(from)}-${layout.definition}.json`;
}

/** Text that sorts as the number does, as wide as the largest offset. */
export function padded(number: number, width = 16): string {
  return String(number).padStart(width, '0');
}

export function definitionOf(parts: unknown): string {
  return shortHash(JSON.stringify(parts));
}

function endingOf({ format, compression }: ArchiveLayout): string {
  if (format === 'parquet') return '.parquet';
  return compression === 'gzip' ? '.jsonl.gz' : compression === 'zstd' ? '.jsonl.zst' : '.jsonl';
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}
