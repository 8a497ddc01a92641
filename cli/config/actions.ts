// Checks the configuration, or prints every setting with its value and where that is from.
import { resolve } from 'node:path';
import { valueAt } from '../../resources/load/path.ts';
import type { ConfigProblem, LoadedConfig, Source } from '../../server/config/load.ts';
import { isSecret, type Setting, settingsOf } from '../../server/config/settings.ts';
import { type ConfigRequest, countErrors, findConfig, formatConfigProblems } from '../application/read-config.ts';
import { exitCodes } from '../exit-codes.ts';
import { renderData } from '../output/render.ts';
import { type Column, renderTable } from '../output/table.ts';
import { shortPath } from '../short-path.ts';
import type { Terminal } from '../terminal.ts';

type Format = 'table' | 'json' | 'yaml';

interface Row {
  readonly setting: string;
  readonly variable: string;
  readonly value: string;
  /** e.g. `tenfold.yaml:3:7`, `TENFOLD_PUBLIC_PORT`, `default`. */
  readonly from: string;
}

const COLUMNS: readonly Column<Row>[] = [
  { title: 'SETTING', value: ({ setting }) => setting },
  { title: 'VALUE', value: ({ value }) => value },
  { title: 'FROM', value: ({ from }) => from },
];

export function checkConfig(request: ConfigRequest, format: Format, terminal: Terminal): void {
  const { config, problems } = findConfig(request, terminal);
  if (format !== 'table') terminal.print(renderData(toReport(problems, terminal.cwd), format));
  else if (problems.length > 0) terminal.print(formatConfigProblems(problems, terminal.out, terminal.cwd));
  if (config) {
    terminal.say(`${terminal.err.green('The configuration can be used')} by tenfold ${request.role}`);
    return;
  }
  terminal.say(terminal.err.red(countErrors(problems)));
  terminal.exitCode = exitCodes.usage.code;
}

export function printConfig(request: ConfigRequest, format: Format, terminal: Terminal): void {
  const loaded = findConfig(request, terminal);
  const rows = settingsOf().flatMap(setting => rowOf(setting, loaded, terminal.cwd));
  if (format === 'table') terminal.print(renderTable(COLUMNS, rows, terminal.columns));
  else terminal.print(renderData(rows, format));
  if (loaded.problems.length > 0)
    terminal.say(`\n${formatConfigProblems(loaded.problems, terminal.err, terminal.cwd)}`);
  if (!loaded.config) terminal.exitCode = exitCodes.usage.code;
}

/** Undefined for a setting that is neither set nor has a default. */
function rowOf({ path, variable, node }: Setting, { given, sourceOf }: LoadedConfig, cwd: string): Row[] {
  const written = valueAt(given, path);
  if (written === undefined && node.default === undefined) return [];
  const row = { setting: path.join('.'), variable };
  if (written === undefined) return [{ ...row, value: textOf(node.default), from: 'default' }];
  return [{ ...row, value: isSecret(node) ? secretOf(written) : textOf(written), from: placeOf(sourceOf(path), cwd) }];
}

function secretOf(reference: unknown): string {
  const [variable, file] = [valueAt(reference, ['env']), valueAt(reference, ['file'])];
  if (typeof variable === 'string') return `(what is in the variable ${variable})`;
  return typeof file === 'string' ? `(what is in ${file})` : '(hidden)';
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function placeOf(source: Source, cwd: string): string {
  if (source === undefined) return 'default';
  return 'name' in source ? source.name : `${shortPath(source.file, cwd)}:${source.line}:${source.column}`;
}

function toReport(problems: readonly ConfigProblem[], cwd: string) {
  const shown = problems.map(({ source, ...problem }) => ({ ...problem, from: placeOf(source, resolve(cwd)) }));
  return {
    valid: !problems.some(({ severity }) => severity === 'error'),
    errors: shown.filter(({ severity }) => severity === 'error'),
    warnings: shown.filter(({ severity }) => severity === 'warning'),
  };
}
