// Problems with their code frames, for a person to read.
import { readFileSync } from 'node:fs';
import { counted } from '../../core/units/counted.ts';
import { type FrameStyle, formatProblem } from '../../resources/load/code-frame.ts';
import type { ResourceProblem } from '../../resources/resource.ts';
import { shortPath } from '../short-path.ts';
import type { Style } from '../style.ts';

export interface FormatOptions {
  readonly style: Style;
  /** Folder that paths are shown relative to. */
  readonly base: string;
  /** Texts of files, where they are known; others are read. */
  readonly texts?: ReadonlyMap<string, string>;
}

/** Further ones are only counted: nobody reads them all, and a terminal holds only so much. */
const MAX_SHOWN = 100;

export function formatProblems(problems: readonly ResourceProblem[], options: FormatOptions): string {
  const style = frameStyle(options.style);
  const read = createReader(options.texts);
  const shown = problems.slice(0, MAX_SHOWN).map(found => {
    const file = shortPath(found.file, options.base);
    return formatProblem({ ...found, file }, read(found.file), style);
  });
  const rest = problems.length - shown.length;
  return [...shown, ...(rest > 0 ? [`… and ${rest} more`] : [])].join('\n\n');
}

/** `2 errors, 1 warning` */
export function countProblems(problems: readonly ResourceProblem[]): string {
  const errors = problems.filter(found => found.severity === 'error').length;
  const count = (number: number, word: string) => (number === 0 ? [] : [counted(number, word)]);
  const parts = [...count(errors, 'error'), ...count(problems.length - errors, 'warning')];
  return parts.length === 0 ? 'no problems' : parts.join(', ');
}

export function frameStyle(style: Style): FrameStyle {
  return { error: style.red, warning: style.yellow, place: style.bold, faint: style.dim };
}

function createReader(known: ReadonlyMap<string, string> | undefined): (file: string) => string | undefined {
  const texts = new Map(known);
  return file => {
    const text = texts.get(file) ?? readText(file);
    if (text !== undefined) texts.set(file, text);
    return text;
  };
}

/** The frame is an extra: a file that no longer exists has none. */
export function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
