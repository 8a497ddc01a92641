// Checks resources, prints their problems, and sets the exit code.
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { counted } from '../../core/units/counted.ts';
import { sortProblems } from '../../resources/load/sort-problems.ts';
import type { Listeners } from '../../resources/ownership/listeners.ts';
import type { ResourceProblem } from '../../resources/resource.ts';
import type { ResourceSet } from '../../resources/resource-set.ts';
import { versionSkew } from '../../server/functions/version-skew.ts';
import { exitCodes } from '../exit-codes.ts';
import { renderData } from '../output/render.ts';
import { countProblems, formatProblems } from '../problems/format-problems.ts';
import { shortPath } from '../short-path.ts';
import type { Terminal } from '../terminal.ts';
import { loadPaths } from './load-paths.ts';

export interface ValidateOptions {
  readonly strict: boolean;
  /** Whether the code of Functions is loaded, to learn their routes. */
  readonly load: boolean;
  /** The configuration whose listeners are used, as written. */
  readonly config?: string | undefined;
  /** Files whose Topics were there before. */
  readonly against?: string | undefined;
  readonly output: 'text' | 'json' | 'yaml';
}

export async function validate(paths: readonly string[], options: ValidateOptions, terminal: Terminal): Promise<void> {
  const listeners = await listenersIn(options.config, terminal);
  const { texts, ...checked } = await loadPaths(paths, terminal, { listeners });
  const { resources } = checked;
  // Loaded here, as other commands check without it.
  const { withFurther } = await import('./further-problems.ts');
  const within = withFurther(checked, { listeners });
  const found =
    options.against === undefined ? within : await withChanges(within, options.against, resources, terminal);
  const problems =
    options.load && !found.some(isError) ? [...found, ...(await routesOf(resources, paths, terminal))] : found;
  const failed = problems.some(found => isError(found) || options.strict);
  sayVersionSkew(paths, terminal);
  if (options.output !== 'text') {
    terminal.print(renderData(toReport(problems, resources.all.length, !failed, terminal.cwd), options.output));
  } else {
    printProblems(problems, texts, terminal);
    // One with a mistake was read, too, even if nothing came of it.
    const read = [
      ...resources.all.map(({ origin }) => origin.file),
      ...problems.filter(isError).map(({ file }) => file),
    ];
    const files = new Set(read).size;
    const checked = `${counted(resources.all.length, 'resource')} checked in ${counted(files, 'file')}`;
    const paint = failed ? terminal.err.red : terminal.err.green;
    const strictly = failed && !problems.some(isError) ? ' (--strict: warnings count as errors)' : '';
    terminal.say(`${paint(countProblems(problems))}${strictly}, ${checked}`);
  }
  if (failed) terminal.exitCode = exitCodes.invalid.code;
}

/** It is about what is installed, and so no problem of a file. */
function sayVersionSkew(paths: readonly string[], { cwd, err, say }: Terminal): void {
  const skews = paths.flatMap(path => versionSkew(resolve(cwd, path)) ?? []);
  for (const skew of new Set(skews)) say(`${err.yellow('warning')}: ${skew}`);
}

async function withChanges(
  found: readonly ResourceProblem[],
  against: string,
  resources: ResourceSet,
  terminal: Terminal,
): Promise<ResourceProblem[]> {
  const { problemsAgainst } = await import('./against.ts');
  return sortProblems([...found, ...(await problemsAgainst(against, resources, terminal))]);
}

async function routesOf(
  resources: ResourceSet,
  paths: readonly string[],
  { cwd }: Terminal,
): Promise<ResourceProblem[]> {
  const { routeProblems } = await import('./routes/route-problems.ts');
  const named = paths.map(path => resolve(cwd, path));
  return routeProblems(
    resources,
    named.filter(path => statSync(path, { throwIfNoEntry: false })?.isDirectory()),
  );
}

/** Undefined where nothing is configured: then all namespaces share the public one. */
async function listenersIn(file: string | undefined, terminal: Terminal): Promise<Listeners | undefined> {
  if (file === undefined && !terminal.env['TENFOLD_CONFIG'] && !terminal.env['TENFOLD_LISTENERS']) return undefined;
  const [{ readConfig }, { toListeners }] = await Promise.all([
    import('../application/read-config.ts'),
    import('../../server/config/listeners.ts'),
  ]);
  return toListeners(readConfig({ role: 'serve', file }, terminal).config);
}

/** Errors come first: they have to be repaired. */
export function printProblems(
  problems: readonly ResourceProblem[],
  texts: ReadonlyMap<string, string>,
  terminal: Pick<Terminal, 'print' | 'out' | 'cwd'>,
): void {
  for (const severity of ['error', 'warning']) {
    const these = problems.filter(found => found.severity === severity);
    if (these.length === 0) continue;
    terminal.print(`${formatProblems(these, { style: terminal.out, base: terminal.cwd, texts })}\n`);
  }
}

function toReport(problems: readonly ResourceProblem[], resources: number, valid: boolean, cwd: string) {
  const shown = problems.map(found => ({ ...found, file: shortPath(found.file, cwd) }));
  return {
    valid,
    resources,
    errors: shown.filter(isError),
    warnings: shown.filter(found => !isError(found)),
  };
}

function isError(found: ResourceProblem): boolean {
  return found.severity === 'error';
}
