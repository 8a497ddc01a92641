// A thrown error for a developer: its message at the place in the application's own source, the
// lines there, and the way to it without the frames of the platform.
import { join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { counted } from '../../core/units/counted.ts';
import { formatProblem } from '../../resources/load/code-frame.ts';
import { packageFile } from '../../server/package-file.ts';
import { frameStyle } from '../problems/format-problems.ts';
import { shortPath } from '../short-path.ts';
import type { Style } from '../style.ts';
import { safeText } from './safe-text.ts';

export interface ErrorTextOptions {
  readonly style: Style;
  /** Folder of the application: sources outside it are not shown. */
  readonly directory: string;
  /** Paths are shown relative to it. */
  readonly cwd: string;
  read(file: string): string | undefined;
}

interface Frame {
  readonly text: string;
  /** Undefined where the place is none of a file. */
  readonly place: { readonly file: string; readonly line: number; readonly column: number } | undefined;
}

const PLACE = /^(.*?[ (])((?:file:\/\/|\/)[^()]*?):(\d+):(\d+)\)?$/;
/** A longer line is no frame, and would take long to be searched for a place. */
const LONGEST_FRAME = 1_000;
const PLATFORM = ['runtime', 'sdk', 'core', 'dist'].map(folder => packageFile(folder) + sep);

export function errorText(stack: string, options: ErrorTextOptions): string {
  const lines = stack.split('\n');
  const first = lines.findIndex(line => /^\s+at /.test(line));
  const message = (first === -1 ? lines : lines.slice(0, first)).join('\n');
  const frames = (first === -1 ? [] : lines.slice(first)).map(line => toFrame(line.trim()));
  const shown = frames.filter(frame => !isPlatform(frame));
  const folded = frames.length - shown.length;
  const { dim } = options.style;
  return [
    headOf(message, shown, options),
    ...shown.map(frame => dim(safeText(`    ${frameText(frame, options.cwd)}`, false))),
    ...(folded === 0 ? [] : [dim(`    … ${counted(folded, 'frame')} of Tenfold and Node.js`)]),
  ].join('\n');
}

function headOf(message: string, frames: readonly Frame[], { style, directory, cwd, read }: ErrorTextOptions): string {
  const place = frames.find(frame => frame.place?.file.startsWith(join(directory, sep)))?.place;
  const text = safeText(message, false);
  if (place === undefined || place.file.includes(`${sep}node_modules${sep}`)) return text;
  const problem = { ...place, file: shortPath(place.file, cwd), severity: 'error', path: '' } as const;
  return formatProblem({ ...problem, message: text.replace(/^Error: /, '') }, read(place.file), frameStyle(style));
}

function toFrame(text: string): Frame {
  const [, , path = '', line, column] = placeIn(text) ?? [];
  const file = toFile(path);
  return { text, place: file === undefined ? undefined : { file, line: Number(line), column: Number(column) } };
}

function placeIn(text: string): RegExpExecArray | null {
  return text.length > LONGEST_FRAME ? null : PLACE.exec(text);
}

/** Without `..`, which would lead out of the folder that the path begins with. */
function toFile(path: string): string | undefined {
  if (!path.startsWith('file:')) return path === '' ? undefined : resolve(path);
  try {
    return resolve(fileURLToPath(path));
  } catch {
    return undefined;
  }
}

function isPlatform({ text, place }: Frame): boolean {
  if (place === undefined) return /\bnode:/.test(text);
  return PLATFORM.some(folder => place.file.startsWith(folder));
}

/** The frame with a path as short as the others of `dev`. */
function frameText({ text, place }: Frame, cwd: string): string {
  const [, before] = placeIn(text) ?? [];
  if (place === undefined || before === undefined) return text;
  const where = `${shortPath(place.file, cwd)}:${place.line}:${place.column}`;
  return before.endsWith('(') ? `${before}${where})` : `${before}${where}`;
}
