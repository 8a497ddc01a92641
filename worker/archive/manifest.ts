// The whole files of an archive: rows in the store, written together with the position behind them.
import * as z from 'zod';
import { TenfoldError } from '../../core/errors.ts';
import type { Change } from '../../drivers/store/changes.ts';
import { MAX_PAGE } from '../../drivers/store/limits.ts';
import type { Row, Tables } from '../../drivers/store/tables.ts';
import { AT_INDEX, FILES_TABLE, padded } from './layout.ts';

const archiveFile = z.strictObject({
  /** Key in the blob store. */
  key: z.string(),
  etag: z.string(),
  folder: z.string(),
  from: z.number(),
  /** Exclusive. */
  to: z.number(),
  bytes: z.number(),
  /** Time at which it was finished, milliseconds since 1970. */
  at: z.number(),
});

/** A file that is whole. */
export type ArchiveFile = z.output<typeof archiveFile>;

export function noteFile(file: ArchiveFile): Change {
  return {
    kind: 'put-row',
    table: FILES_TABLE,
    key: fileRowOf(file),
    value: JSON.stringify(file),
    indexes: { [AT_INDEX]: [file.at] },
  };
}

export function forgetFile(file: ArchiveFile): Change {
  return { kind: 'delete-row', table: FILES_TABLE, key: fileRowOf(file) };
}

/** All files of a partition that are whole, in the order of the log. */
export async function* filesOf(store: Pick<Tables, 'scan'>, scope: string): AsyncGenerator<ArchiveFile> {
  for (let after: string | undefined; ; ) {
    const page = await store.scan(scope, FILES_TABLE, { limit: MAX_PAGE, after });
    for (const row of page.rows) yield parse(row);
    after = page.next;
    if (after === undefined) return;
  }
}

/** Some of those that were finished before `beforeMs`, oldest first. */
export async function oldFiles(store: Pick<Tables, 'scan'>, scope: string, beforeMs: number, limit: number) {
  const to = { value: beforeMs, inclusive: false };
  const page = await store.scan(scope, FILES_TABLE, { index: AT_INDEX, to, limit });
  return page.rows.map(parse);
}

/** Whether it is a whole file, rather than one of a range that was decided and never finished. */
export async function isNoted(
  store: Pick<Tables, 'row'>,
  scope: string,
  file: Pick<ArchiveFile, 'from' | 'folder' | 'key'>,
): Promise<boolean> {
  const row = await store.row(scope, FILES_TABLE, fileRowOf(file));
  return row !== undefined && parse(row).key === file.key;
}

function fileRowOf({ from, folder }: Pick<ArchiveFile, 'from' | 'folder'>): string {
  return `${padded(from)} ${folder}`;
}

function parse({ key, value }: Row): ArchiveFile {
  try {
    return archiveFile.parse(JSON.parse(Buffer.from(value).toString()));
  } catch (error) {
    throw new TenfoldError('data-corrupt', `The row '${key}' of an archive's files cannot be read.`, { cause: error });
  }
}
