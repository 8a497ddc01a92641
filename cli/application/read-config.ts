// Reads the configuration for a command, and shows all that is wrong with it.
import { resolve } from 'node:path';
import type { SettingReport } from '../../admin/settings/settings-view.ts';
import { counted } from '../../core/units/counted.ts';
import { type ConfigProblem, type LoadedConfig, loadConfig, type OptionValue } from '../../server/config/load.ts';
import type { Process } from '../../server/config/roles.ts';
import type { Config } from '../../server/config/schema.ts';
import { settingReports } from '../../server/config/setting-reports.ts';
import { CommandError } from '../command-error.ts';
import { formatProblems } from '../problems/format-problems.ts';
import type { Style } from '../style.ts';
import type { Terminal } from '../terminal.ts';

export interface ConfigRequest {
  readonly role: Process;
  /** As written. */
  readonly file: string | undefined;
  readonly options?: readonly OptionValue[];
}

type Place = Pick<Terminal, 'cwd' | 'env'>;

export interface ReadConfig {
  readonly config: Config;
  /** Files that hold secrets, absolute. */
  readonly secretFiles: readonly string[];
  /** For the admin API. */
  readonly settings: readonly SettingReport[];
}

/**
 * Prints the problems; rejects when the configuration cannot be used. Variables that held secrets
 * of this process are removed afterwards.
 */
export function readConfig(request: ConfigRequest, terminal: Place & Pick<Terminal, 'say' | 'err'>): ReadConfig {
  const loaded = findConfig(request, terminal);
  const { config, problems, secretVariables, secretFiles } = loaded;
  for (const variable of secretVariables) delete process.env[variable];
  if (problems.length > 0) terminal.say(formatConfigProblems(problems, terminal.err, terminal.cwd));
  if (config) return { config, secretFiles, settings: settingReports(loaded) };
  throw new CommandError('bad-config', `The configuration cannot be used (${countErrors(problems)}).`);
}

export function findConfig({ role, file, options = [] }: ConfigRequest, { cwd, env }: Place): LoadedConfig {
  const named = file ?? (env['TENFOLD_CONFIG'] || undefined);
  return loadConfig({ role, env, cwd, options, file: named === undefined ? undefined : resolve(cwd, named) });
}

export function formatConfigProblems(problems: readonly ConfigProblem[], style: Style, base: string): string {
  return problems.map(problem => formatOne(problem, style, base)).join('\n\n');
}

export function countErrors(problems: readonly ConfigProblem[]): string {
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  return counted(errors, 'error');
}

function formatOne({ source, ...problem }: ConfigProblem, style: Style, base: string): string {
  if (source && 'file' in source) return formatProblems([{ ...problem, ...source }], { style, base });
  const { severity, message, path, expected } = problem;
  const head = `${style.bold(source?.name ?? 'configuration')} ${severity === 'error' ? style.red(severity) : style.yellow(severity)}: ${message}`;
  const notes = [
    ...(path === '' ? [] : [`at ${path}`]),
    ...(expected === undefined ? [] : [`expected: ${expected}`]),
  ].map(note => style.dim(`  ${note}`));
  return [head, ...notes].join('\n');
}
