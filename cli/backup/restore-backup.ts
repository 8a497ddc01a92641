// Puts a back-up in place: checked, copied beside, checked again, and in force
// by one rename at the end.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import { counted } from '../../core/units/counted.ts';
import { examineContents } from '../../drivers/blob-store/folder/examine-contents.ts';
import { COPY_BLOBS, COPY_FILE, hashOf, MANIFEST_FILE, syncPath } from '../../drivers/sqlite/backup/copier.ts';
import { lockFile } from '../../drivers/sqlite/file-lock.ts';
import { checkDatabase } from '../../drivers/sqlite/integrity/doctor.ts';
import { BLOB_FOLDER, DATABASE_FILE } from '../../server/storage/embedded.ts';
import { CommandError } from '../command-error.ts';
import { describeObject, MODULES } from '../doctor/examine.ts';
import type { Terminal } from '../terminal.ts';

export interface RestoreRequest {
  readonly from: string;
  readonly directory: string;
  readonly data: string | undefined;
}

const manifest = z.object({
  format: z.literal(1),
  at: z.number(),
  version: z.string(),
  commits: z.number(),
  database: z.object({ bytes: z.number(), sha256: z.string() }),
  objects: z.number(),
  objectBytes: z.number(),
  problems: z.array(z.string()),
});

const ASIDE = `${DATABASE_FILE}.restoring`;
const MIB = 1024 ** 2;

export function restoreBackup({ from, directory, data }: RestoreRequest, terminal: Terminal): void {
  const source = resolve(terminal.cwd, from);
  const folder = resolve(terminal.cwd, data ?? join(directory, '.tenfold', 'data'));
  const file = join(folder, DATABASE_FILE);
  const found = readManifest(source);
  if (hashOf(join(source, COPY_FILE)) !== found.database.sha256)
    throw new CommandError(
      'file-unreadable',
      `${join(source, COPY_FILE)} is not what the back-up says of it: it is damaged. Take another back-up.`,
    );
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  assertEmpty(folder);
  const lock = lockFile(file);
  try {
    const blobs = join(folder, BLOB_FOLDER);
    rmSync(blobs, { recursive: true, force: true });
    cpSync(join(source, COPY_FILE), join(folder, ASIDE));
    if (existsSync(join(source, COPY_BLOBS))) cpSync(join(source, COPY_BLOBS), blobs, { recursive: true });
    verify(join(folder, ASIDE), blobs, found.problems.length);
    syncAll(folder);
    renameSync(join(folder, ASIDE), file);
    syncPath(folder);
  } finally {
    lock.release();
  }
  const { at, version, objects, objectBytes, database } = found;
  terminal.print(
    `${file} is as it was at ${new Date(at).toISOString()}, with Tenfold ${version}: ${Math.ceil(database.bytes / MIB)} MiB of database, ${counted(objects, 'object')} with ${Math.ceil(objectBytes / MIB)} MiB.`,
  );
  for (const problem of found.problems)
    terminal.say(`${terminal.err.yellow('damaged')} when it was copied: ${problem}`);
}

function readManifest(source: string): z.output<typeof manifest> {
  try {
    return manifest.parse(JSON.parse(readFileSync(join(source, MANIFEST_FILE), 'utf8')));
  } catch (cause) {
    throw new CommandError('file-unreadable', `${source} is no back-up, or one that was not finished.`, {
      hint: 'name a folder that "tenfold backup" has made.',
      cause,
    });
  }
}

/** Files of an earlier attempt may be there. */
function assertEmpty(folder: string): void {
  const isLeft = existsSync(join(folder, ASIDE));
  const there = readdirSync(folder).filter(
    name => name.startsWith(DATABASE_FILE) && !/\.(lock|owner|restoring.*)$/.test(name),
  );
  const blobs = join(folder, BLOB_FOLDER);
  if (!isLeft && existsSync(blobs) && readdirSync(blobs).length > 0) there.push(BLOB_FOLDER);
  if (there.length === 0) return;
  throw new CommandError(
    'files-exist',
    `There is ${there.join(', ')} in ${folder} already, and nothing is overwritten.`,
    {
      hint: 'stop the application and move that folder away first.',
    },
  );
}

function verify(copy: string, blobs: string, known: number): void {
  const report = checkDatabase(copy, MODULES, (db: DatabaseSync) => examineContents(db, blobs, describeObject));
  for (const suffix of ['.lock', '.owner']) rmSync(`${copy}${suffix}`, { force: true });
  const problems = report.parts.flatMap(({ part, problems: of }) => of.map(text => `${part}: ${text}`));
  if (report.problems.length + problems.length <= known) return;
  throw new CommandError(
    'file-unreadable',
    `The back-up is damaged: ${[...report.problems, ...problems].slice(0, 3).join('; ')}. Nothing was put in place.`,
    {
      hint: 'take another back-up.',
    },
  );
}

function syncAll(folder: string): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
    if (!entry.name.endsWith('.lock')) syncPath(join(entry.parentPath, entry.name));
}
