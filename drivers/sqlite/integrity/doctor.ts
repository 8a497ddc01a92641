// Looks at a database file that may be damaged, and salvages what is readable into a new one. The
// file itself is never changed.
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { TenfoldError } from '../../../core/errors.ts';
import { lockFile } from '../file-lock.ts';
import type { PartReport, SqliteModule } from '../module.ts';
import { openFile } from '../open-file.ts';
import { concernsDisk, toOpenError } from '../sqlite-error.ts';
import { readAcknowledged } from './acknowledged.ts';
import { examineTables } from './examine-tables.ts';
import { repairHeader } from './repair-header.ts';
import { repairSchema } from './repair-schema.ts';
import { repairWal } from './repair-wal.ts';
import { messageOf } from './tolerant-rows.ts';

export interface Report {
  readonly file: string;
  /** All that was acknowledged is there and sound. */
  readonly isSound: boolean;
  /** Problems of the file as a whole. */
  readonly problems: readonly string[];
  /** Topics with their partitions, tables. */
  readonly parts: readonly PartReport[];
}

/** Looks at what is kept beside the database, as it stands there. */
export type Beside = (db: DatabaseSync) => readonly PartReport[];

/**
 * Reads everything. Throws `storage-unusable` while another process has the file
 * open, or when there is none.
 */
export function checkDatabase(file: string, modules: readonly SqliteModule[], beside?: Beside): Report {
  return examine(file, modules, undefined, beside);
}

/**
 * Makes the database `to` of all that is sound in `file`; the report says what is not.
 * Nothing may be at `to` yet.
 */
export function salvageDatabase(file: string, to: string, modules: readonly SqliteModule[], beside?: Beside): Report {
  if (existsSync(to)) {
    throw new TenfoldError(
      'storage-unusable',
      `${to} is there already: name a file that is not, so that nothing is overwritten.`,
    );
  }
  const target = openFile(to, modules);
  let report: Report | undefined;
  try {
    target.db.exec('BEGIN IMMEDIATE');
    report = examine(file, modules, target.db, beside);
    target.db.exec('COMMIT');
    return report;
  } finally {
    target.close();
    if (report === undefined)
      for (const suffix of ['', '-wal', '-shm', '.lock']) rmSync(`${to}${suffix}`, { force: true });
  }
}

/** On a copy, in which the WAL is made readable to its end. */
function examine(
  file: string,
  modules: readonly SqliteModule[],
  to: DatabaseSync | undefined,
  beside: Beside = () => [],
): Report {
  if (!existsSync(file)) throw new TenfoldError('storage-unusable', `There is no ${file}.`);
  const folder = mkdtempSync(join(dirname(to?.location() ?? file), 'doctor-'));
  try {
    const copy = join(folder, 'copy.db');
    const lock = lockFile(file);
    try {
      copyFileSync(file, copy);
      if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${copy}-wal`);
    } finally {
      lock.release();
    }
    return examineCopy(file, copy, modules, to, beside);
  } catch (error) {
    throw toOpenError(error, file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function examineCopy(
  file: string,
  copy: string,
  modules: readonly SqliteModule[],
  to: DatabaseSync | undefined,
  beside: Beside,
): Report {
  const problems: string[] = [];
  if (existsSync(`${copy}-wal`)) {
    for (const at of repairWal(`${copy}-wal`)) problems.push(`${file}-wal is damaged at byte ${at}`);
  }
  problems.push(...repairHeader(copy));
  // Without `defensive` SQLite lets nobody mend its schema.
  const db = new DatabaseSync(copy, { defensive: false });
  try {
    problems.push(...repairSchema(db, modules), ...missingCommits(db, file));
    const inside = modules.flatMap(module => examineModule(module, db, to));
    const parts = [...inside, ...beside(db)];
    const isSound = problems.length === 0 && parts.every(part => part.problems.length === 0);
    return { file, isSound, problems, parts };
  } finally {
    db.close();
  }
}

function missingCommits(db: DatabaseSync, file: string): string[] {
  const acknowledged = readAcknowledged(file) ?? 0;
  try {
    const commits = Number(db.prepare('SELECT commits FROM tenfold_commits').get()?.['commits'] ?? 0);
    if (commits >= acknowledged) return [];
    return [`the file ends at commit ${commits}, but commit ${acknowledged} was acknowledged`];
  } catch (error) {
    return [`the number of commits cannot be read: ${messageOf(error)}`];
  }
}

/** A part that cannot be read at all is a problem of that module, and none of the others. */
function examineModule({ name, doctor }: SqliteModule, db: DatabaseSync, to: DatabaseSync | undefined): PartReport[] {
  const parts: PartReport[] = [];
  try {
    for (const part of doctor?.examine(db, to) ?? examineTables(name, db, to)) parts.push(part);
  } catch (error) {
    if (concernsDisk(error)) throw error;
    parts.push({ part: `tables of ${name}`, sound: 0, problems: [`they cannot be read (${messageOf(error)})`] });
  }
  return parts;
}
