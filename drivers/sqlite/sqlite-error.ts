// SQLite's result codes: which concern the file as a whole, and what to tell the person who has
// to do something about it.
import { TenfoldError } from '../../core/errors.ts';

/** https://www.sqlite.org/rescode.html, primary codes. */
export const BUSY = 5;
const NOMEM = 7;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const NOTADB = 26;

const OF_THE_FILE: ReadonlySet<number> = new Set([NOMEM, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, NOTADB]);

/** The primary result code of an error that SQLite threw. */
export function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  return error.errcode & 0xff;
}

/** Whether it is no fault of the statement: the whole transaction is lost. */
export function concernsFile(error: unknown): boolean {
  const code = resultCode(error);
  return code !== undefined && OF_THE_FILE.has(code);
}

export function isCorruption(error: unknown): boolean {
  const code = resultCode(error);
  return code === CORRUPT || code === NOTADB;
}

/** Says whether the disk refused, for example as it is full. The contents may be sound then. */
export function concernsDisk(error: unknown): boolean {
  return concernsFile(error) && !isCorruption(error);
}

/** Says what happened to the file and what to do, in one sentence each. */
export function explain(error: unknown, file: string): string {
  if (error instanceof TenfoldError) return error.message;
  const text = error instanceof Error ? error.message : String(error);
  switch (resultCode(error) ?? systemCode(error)) {
    case FULL:
    case 'ENOSPC':
    case 'EDQUOT':
      return `There is no space left for ${file}. Free some on that disk; writing goes on by itself.`;
    case READONLY:
    case CANTOPEN:
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return `${file} cannot be written (${text}). Check that its folder exists, is writable for this user and not mounted read-only.`;
    case CORRUPT:
    case NOTADB:
      return `${file} is damaged (${text}). Stop and run \`tenfold doctor\` on it.`;
    case IOERR:
      return `The disk under ${file} reports an error (${text}). Check the disk; writing goes on by itself when it works again.`;
    default:
      return `${file}: ${text}`;
  }
}

/** The same as an error that ends opening. */
export function toOpenError(error: unknown, file: string): TenfoldError {
  if (error instanceof TenfoldError) return error;
  return new TenfoldError(isCorruption(error) ? 'data-corrupt' : 'storage-unusable', explain(error, file), {
    cause: error,
  });
}

function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
