// Examines the database file of an application and prints the findings, part by part.
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { TenfoldError } from '../../core/errors.ts';
import { counted } from '../../core/units/counted.ts';
import { examineContents } from '../../drivers/blob-store/folder/examine-contents.ts';
import { blobModule } from '../../drivers/blob-store/folder/module.ts';
import { eventLogModule } from '../../drivers/event-log/sqlite/module.ts';
import { searchModule } from '../../drivers/search-index/sqlite/module.ts';
import { checkDatabase, type Report, salvageDatabase } from '../../drivers/sqlite/integrity/doctor.ts';
import type { PartReport } from '../../drivers/sqlite/module.ts';
import { storeModule } from '../../drivers/store/sqlite/module.ts';
import { ownerOf } from '../../server/objects/owner-of.ts';
import { BLOB_FOLDER, DATABASE_FILE } from '../../server/storage/embedded.ts';
import { CommandError } from '../command-error.ts';
import { exitCodes } from '../exit-codes.ts';
import { renderData } from '../output/render.ts';
import { type Column, oneLine, renderTable } from '../output/table.ts';
import { shortPath } from '../short-path.ts';
import type { Style } from '../style.ts';
import type { Terminal } from '../terminal.ts';

export interface DoctorRequest {
  readonly directory: string;
  /** Folder of the database, where it is not the application's own. */
  readonly data: string | undefined;
  /** The folder for the sound records. */
  readonly salvage: string | undefined;
  readonly format: 'table' | 'json' | 'yaml';
}

export const MODULES = [eventLogModule, storeModule, blobModule, searchModule];
const MEBIBYTE = 1_048_576;

export function examineDatabase(request: DoctorRequest, terminal: Terminal): void {
  const { format } = request;
  const folder = request.data ?? join(request.directory, '.tenfold', 'data');
  const file = resolve(terminal.cwd, folder, DATABASE_FILE);
  const shown = shortPath(file, terminal.cwd);
  const size = statSync(file, { throwIfNoEntry: false })?.size;
  if (size === undefined) {
    throw new CommandError('no-database', `There is no database ${shown}.`, {
      hint: 'name the application folder, or the folder of its database with --data DIR.',
    });
  }
  terminal.say(`Reading ${shown}, ${Math.ceil(size / MEBIBYTE)} MiB …`);
  const to = request.salvage === undefined ? undefined : resolve(terminal.cwd, request.salvage);
  const report = examine(file, to, terminal);
  if (format === 'table') terminal.print(describe(report, terminal.out));
  else terminal.print(renderData(report, format));
  if (to !== undefined) terminal.say(`All that is sound is in ${shortPath(to, terminal.cwd)}.`);
  if (report.isSound) return;
  terminal.exitCode = exitCodes.invalid.code;
  if (to === undefined) {
    terminal.say(`${terminal.err.cyan('Next:')} save what is sound with "tenfold doctor --salvage FILE".`);
  }
}

function examine(file: string, to: string | undefined, terminal: Terminal): Report {
  if (to !== undefined && existsSync(to)) {
    const hint = 'name a file that is not there yet.';
    throw new CommandError('files-exist', `${shortPath(to, terminal.cwd)} is there already.`, { hint });
  }
  try {
    const blobs = join(dirname(file), BLOB_FOLDER);
    const beside = (db: DatabaseSync) => examineContents(db, blobs, describeObject);
    if (to === undefined) return checkDatabase(file, MODULES, beside);
    mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
    return salvageDatabase(file, to, MODULES, beside);
  } catch (error) {
    if (!(error instanceof TenfoldError) || error.code !== 'storage-unusable') throw error;
    throw new CommandError('database-unusable', error.message, { cause: error });
  }
}

export function describeObject(key: string) {
  const owner = ownerOf(key);
  const { kind, namespace, name, what } = owner;
  if (kind === 'unknown') return { part: 'other objects', what };
  return {
    part: kind === 'object' ? `objects of namespace ${namespace}` : `objects of ${kind} ${namespace}/${name}`,
    what,
  };
}

function describe(report: Report, style: Style): string {
  const damaged = report.parts.filter(part => part.problems.length > 0);
  const problems = [
    ...report.problems.map(problem => ({ part: 'file', problem })),
    ...damaged.flatMap(({ part, problems }) => problems.map(problem => ({ part, problem }))),
  ];
  const verdict = report.isSound
    ? style.green('All that was acknowledged is there and sound.')
    : style.red(`Damaged: ${counted(problems.length, 'problem')}.`);
  // A database has hundreds of parts that hold nothing.
  const shown = report.parts.filter(part => part.sound > 0 || part.problems.length > 0);
  const sections = shown.length === 0 ? [] : [renderTable(partColumns(style), shown)];
  if (problems.length > 0) {
    sections.push(problems.map(({ part, problem }) => `${style.bold(oneLine(part))}: ${oneLine(problem)}`).join('\n'));
  }
  return [...sections, verdict].join('\n\n');
}

function partColumns(style: Style): Column<PartReport>[] {
  return [
    { title: 'PART', value: row => row.part, paint: () => style.bold },
    { title: 'SOUND', value: row => row.sound },
    {
      title: 'PROBLEMS',
      value: row => row.problems.length,
      paint: row => (row.problems.length > 0 ? style.red : undefined),
    },
  ];
}
