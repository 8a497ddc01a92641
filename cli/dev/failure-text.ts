// Why a function does not start, with the place in its source when that is known.
import { formatProblem } from '../../resources/load/code-frame.ts';
import type { FunctionFailure } from '../../server/platform-events.ts';
import { frameStyle, readText } from '../problems/format-problems.ts';
import { shortPath } from '../short-path.ts';
import type { Terminal } from '../terminal.ts';
import { safeText } from './safe-text.ts';

export function failureText(failure: FunctionFailure, terminal: Pick<Terminal, 'out' | 'cwd'>): string {
  const { out } = terminal;
  const message = safeText(failure.message, false);
  const after = failure.replaced
    ? 'Another process takes its place when it is called.'
    : failure.stillServing
      ? 'The version before it keeps serving.'
      : 'It answers 503 until this is fixed; saving the file tries again.';
  return `${whatAndWhere(failure, message, terminal)}\n${out.yellow(after)}`;
}

function whatAndWhere(failure: FunctionFailure, message: string, { out, cwd }: Pick<Terminal, 'out' | 'cwd'>): string {
  const { file, line, column, stack } = failure;
  if (file === undefined || line === undefined) {
    const details = stack === undefined ? '' : `\n${out.dim(safeText(stack, false))}`;
    return `${out.red('error')}: ${message}${details}`;
  }
  const place = { file: shortPath(file, cwd), line, column: column ?? 1 };
  return formatProblem({ ...place, severity: 'error', path: '', message }, readText(file), frameStyle(out));
}
