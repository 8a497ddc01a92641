// Shows a problem as text: place, message, and the lines around it with a mark under the column.
import type { ResourceProblem } from '../resource.ts';

/** How parts are made to stand out; nothing is without it. The printer decides about colour. */
export interface FrameStyle {
  error(text: string): string;
  warning(text: string): string;
  place(text: string): string;
  faint(text: string): string;
}

const plain: FrameStyle = { error: text => text, warning: text => text, place: text => text, faint: text => text };

/** Longest part of a line that is shown; longer lines are cut around the column. */
const MAX_WIDTH = 120;

/** `text` is that of the file; without it there is no frame. */
export function formatProblem(problem: ResourceProblem, text: string | undefined, style: FrameStyle = plain): string {
  const { file, line, column, severity, path, message } = problem;
  const head = `${style.place(`${file}:${line}:${column}`)} ${style[severity](severity)}: ${message}`;
  const notes = [
    ...(path === '' ? [] : [`at ${path}`]),
    ...(problem.expected === undefined ? [] : [`expected: ${problem.expected}`]),
  ].map(note => style.faint(`  ${note}`));
  const frame = text === undefined ? [] : codeFrame(text, line, column, style[severity], style.faint);
  return [head, ...notes, ...frame].join('\n');
}

type Paint = (text: string) => string;

/** The line before, the line itself with a `^` under the column, and the line after. */
function codeFrame(text: string, line: number, column: number, strong: Paint, faint: Paint): string[] {
  const lines = text.split(/\r?\n/);
  if (lines[line - 1] === undefined) return [];
  const width = String(Math.min(line + 1, lines.length)).length;
  const from = column > MAX_WIDTH - 20 ? column - 60 : 0;
  const shown: string[] = [];
  for (let number = Math.max(1, line - 1); number <= Math.min(line + 1, lines.length); number++) {
    const source = (lines[number - 1] ?? '').replaceAll('\t', ' ').slice(from, from + MAX_WIDTH);
    if (number === lines.length && source === '' && number !== line) continue;
    const gutter = `${number === line ? '>' : ' '} ${String(number).padStart(width)} |`;
    shown.push(
      `${number === line ? strong(gutter.slice(0, 1)) + faint(gutter.slice(1)) : faint(gutter)} ${source}`.trimEnd(),
    );
    if (number === line)
      shown.push(`${faint(`  ${' '.repeat(width)} |`)} ${' '.repeat(Math.max(0, column - 1 - from))}${strong('^')}`);
  }
  return shown;
}
