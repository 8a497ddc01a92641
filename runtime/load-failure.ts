// Explains why a function's module did not load: file, line, column, the lines
// around it, and what to do.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';
import { howToAllow } from './denied.ts';
import { firstFrame, type SourcePlace } from './first-frame.ts';
import { isCompressed } from './module-hooks.ts';

export interface LoadFailure {
  /** The failure, and the next step. */
  readonly message: string;
  readonly stack: string;
  readonly file: string;
  /** From 1; undefined when the place is not known. */
  readonly line?: number;
  readonly column?: number;
  /** The source lines around the place, with a mark under the column. */
  readonly frame?: string;
}

const CONTEXT_LINES = 2;
const CHECK_TIMEOUT_MS = 5000;

/**
 * `entry` is the function's module; `lastLoaded` the module that was being loaded when it failed.
 */
export function toLoadFailure(error: unknown, entry: string, lastLoaded: string | undefined): LoadFailure {
  const known = error instanceof Error ? error : new Error(`a value that is no error was thrown: ${String(error)}`);
  const stack = known.stack ?? known.message;
  const missing = missingModule(known);
  const place =
    (missing && importOf(missing)) ??
    markedPlace(stack) ??
    (known instanceof SyntaxError ? checkSyntax(lastLoaded ?? entry) : undefined) ??
    firstFrame(stack);
  const how = howToAllow(known);
  const said = how === undefined ? known.message : `${known.message} ${how}`;
  const message = missing ? explainMissing(missing) : said;
  if (place === undefined) return { message, stack, file: missing?.importer ?? lastLoaded ?? entry };
  const frame = frameOf(place);
  return { message, stack, ...place, ...(frame === undefined ? {} : { frame }) };
}

interface Missing {
  readonly specifier: string;
  readonly isPackage: boolean;
  readonly importer: string;
}

function missingModule(error: Error): Missing | undefined {
  const match = /^Cannot find (package|module) '([^']+)' imported from (.+)$/m.exec(error.message);
  const [, kind, specifier, importer] = match ?? [];
  if (specifier === undefined || importer === undefined) return undefined;
  return {
    specifier,
    isPackage: kind === 'package',
    importer: importer.startsWith('file:') ? fileURLToPath(importer) : importer,
  };
}

function explainMissing({ specifier, isPackage, importer }: Missing): string {
  if (!isPackage) return `${importer} imports ${specifier}, which does not exist.`;
  return `${importer} imports the package "${specifier}", which is not installed: run npm install ${specifier} in the function's folder.`;
}

function importOf({ specifier, isPackage, importer }: Missing): SourcePlace | undefined {
  // Only the last part of a file's resolved path is known to be in the source.
  const needle = isPackage ? specifier : (specifier.split('/').at(-1) ?? specifier);
  const lines = linesOf(importer);
  const index = lines.findIndex(text => /\b(import|from|require)\b/.test(text) && text.includes(needle));
  return index === -1
    ? undefined
    : { file: importer, line: index + 1, column: (lines[index] ?? '').lastIndexOf(needle) + 1 };
}

/**
 * Node puts `file:line`, some of the source and a row of carets before the stack of an error that
 * has a place in the source.
 */
function markedPlace(text: string): SourcePlace | undefined {
  const match = /^(?:file:\/\/)?(\/.*|[A-Za-z]:.*):(\d+)\r?\n(?:.*\r?\n){1,4}?([ \t]*)\^/m.exec(text);
  const [, file, line, indent] = match ?? [];
  if (file === undefined || line === undefined) return undefined;
  return {
    file: text.startsWith('file:') ? decodeURI(file) : file,
    line: Number(line),
    column: (indent ?? '').length + 1,
  };
}

/**
 * Some syntax errors of modules carry no place; compiling the file alone, in another process, says
 * it. Runs only after a failure.
 */
function checkSyntax(file: string): SourcePlace | undefined {
  if (isCompressed(file)) return undefined;
  if (process.permission?.has('child') === false) return parseHere(file);
  const args = ['--experimental-vm-modules', '--no-warnings', '-e', COMPILE, file];
  return markedPlace(spawnSync(process.execPath, args, { encoding: 'utf8', timeout: CHECK_TIMEOUT_MS }).stderr ?? '');
}

/**
 * The fallback where no other process may be started: the parser that strips types names the place
 * of all faults but those that V8 alone finds.
 */
function parseHere(file: string): SourcePlace | undefined {
  try {
    stripTypeScriptTypes(linesOf(file).join('\n'));
  } catch (error) {
    const [, line, indent] =
      /^:(\d+)\n(?:.*\n){1,4}?([ \t]*)\^/m.exec(error instanceof Error ? (error.stack ?? '') : '') ?? [];
    if (line !== undefined) return { file, line: Number(line), column: (indent ?? '').length + 1 };
  }
  return undefined;
}

const COMPILE = `
const { readFileSync } = require('node:fs');
const { stripTypeScriptTypes } = require('node:module');
const { SourceTextModule } = require('node:vm');
const file = process.argv[1];
const source = readFileSync(file, 'utf8');
new SourceTextModule(/ts$/.test(file) ? stripTypeScriptTypes(source) : source, { identifier: file });
`;

function frameOf({ file, line, column }: SourcePlace): string | undefined {
  const lines = linesOf(file);
  if (lines.length < line) return undefined;
  const first = Math.max(1, line - CONTEXT_LINES);
  const last = Math.min(lines.length, line + CONTEXT_LINES);
  const width = String(last).length;
  const rows: string[] = [];
  for (let number = first; number <= last; number++) {
    rows.push(`${number === line ? '>' : ' '} ${String(number).padStart(width)} | ${lines[number - 1]}`);
    if (number === line) rows.push(`  ${' '.repeat(width)} | ${' '.repeat(column - 1)}^`);
  }
  return rows.join('\n');
}

function linesOf(file: string): string[] {
  if (isCompressed(file)) return [];
  try {
    return readFileSync(file, 'utf8').split(/\r?\n/);
  } catch {
    return [];
  }
}
