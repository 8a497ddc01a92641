// Brings an application into a cluster, and says what became of each part of it.
import { setTimeout as pause } from 'node:timers/promises';
import { formatDuration } from '../../core/units/duration.ts';
import { realWorld } from '../../core/world.ts';
import { type Applied, type ApplyResult, applyApplication } from '../../k8s/apply/apply-application.ts';
import { declare } from '../../k8s/apply/declare.ts';
import { type Waiting, waitReady } from '../../k8s/apply/wait-ready.ts';
import { createWriter, type Writer } from '../../k8s/apply/writer.ts';
import type { ResourceProblem } from '../../resources/resource.ts';
import { type ClusterOptions, withCluster } from '../cluster/cluster-options.ts';
import { CommandError } from '../command-error.ts';
import { exitCodes } from '../exit-codes.ts';
import { createProgress } from '../output/progress.ts';
import { renderData } from '../output/render.ts';
import { countProblems } from '../problems/format-problems.ts';
import type { Terminal } from '../terminal.ts';
import { printProblems } from '../validate/validate.ts';
import { applicationName } from './application-name.ts';
import { isError, type Prepared, prepare } from './prepare.ts';
import { toProblem } from './refusals.ts';
import { resultTable } from './result-table.ts';
import { changesOfSchemas, changesOfWindows } from './schema-changes.ts';

export interface ApplyCommandOptions extends ClusterOptions {
  readonly application?: string | undefined;
  readonly prune: boolean;
  readonly dryRun: boolean;
  readonly forceConflicts: boolean;
  readonly wait: boolean;
  readonly timeout: number;
  readonly output: 'table' | 'json' | 'yaml';
}

export async function apply(paths: readonly string[], options: ApplyCommandOptions, terminal: Terminal): Promise<void> {
  const application = await applicationName(options.application, paths, terminal.cwd);
  if (options.prune && application === undefined) {
    throw new CommandError(
      'usage',
      'It is not known what belongs together: --prune needs one folder, or --application NAME.',
    );
  }
  await withCluster(options, terminal, async ({ client, namespace }) => {
    const prepared = await prepare(paths, namespace, terminal);
    if (refuse(prepared.problems, prepared, terminal)) return;
    const { declared, problems } = declare(prepared.resources, {
      namespace,
      application,
      bundleOf: resource => prepared.bundles.get(resource),
    });
    if (refuse(problems, prepared, terminal)) return;
    const { signal } = new AbortController();
    const writer = createWriter({ client, signal, dryRun: options.dryRun, force: options.forceConflicts });
    const changes = [changesOfSchemas, changesOfWindows].map(compare => compare(prepared.resources, writer));
    if (refuse((await Promise.all(changes)).flat(), prepared, terminal)) return;
    const namespaces = new Set([namespace, ...declared.map(({ object }) => object.metadata.namespace ?? namespace)]);
    const result = await applyApplication(declared, {
      writer,
      application,
      prune: options.prune ? [...namespaces] : undefined,
      done() {},
    });
    const waiting =
      options.wait && !options.dryRun && result.refused.length === 0
        ? await wait(result.applied, options.timeout, writer, terminal)
        : undefined;
    report(result, waiting, options, prepared, terminal);
  });
}

/** Prints the problems; returns whether they are a reason to end. */
function refuse(problems: readonly ResourceProblem[], { texts }: Prepared, terminal: Terminal): boolean {
  printProblems(problems, texts, talk(terminal));
  if (!problems.some(isError)) return false;
  terminal.say(`${terminal.err.red(countProblems(problems))}: nothing was applied`);
  terminal.exitCode = exitCodes.invalid.code;
  return true;
}

async function wait(
  applied: readonly Applied[],
  timeoutMs: number,
  writer: Writer,
  terminal: Terminal,
): Promise<readonly Waiting[]> {
  const progress = createProgress('ready', terminal);
  try {
    return await waitReady(applied, { writer, world: realWorld, pause, timeoutMs, progress: progress.update });
  } finally {
    progress.end();
  }
}

function report(
  { applied, refused }: ApplyResult,
  waiting: readonly Waiting[] | undefined,
  options: ApplyCommandOptions,
  { texts }: Prepared,
  terminal: Terminal,
): void {
  const problems = refused.map(toProblem);
  if (options.output === 'table') {
    if (applied.length > 0) terminal.print(resultTable(applied, waiting, terminal));
  } else {
    const rows = applied.map(({ kind, namespace, name, action }) => ({ kind, namespace, name, action }));
    terminal.print(renderData({ dryRun: options.dryRun, applied: rows, refused: problems, waiting }, options.output));
  }
  printProblems(problems, texts, talk(terminal));
  if (refused.length > 0) {
    terminal.say(
      `${terminal.err.red(countProblems(problems))}: the cluster refused ${refused.length} of ${refused.length + applied.length}`,
    );
    terminal.exitCode = exitCodes.refused.code;
  } else if (options.dryRun) {
    terminal.say('Nothing was changed: --dry-run only asks the cluster for its answer.');
  } else if (waiting && waiting.length > 0) {
    const list = waiting.map(({ kind, name, message }) => `  ${kind} ${name}: ${message}`).join('\n');
    throw new CommandError(
      'not-ready',
      `${waiting.length} of ${applied.length} ${waiting.length === 1 ? 'is' : 'are'} not ready (--wait, at most ${formatDuration(options.timeout)}):\n${list}`,
    );
  }
}

/** The printed text is the result; problems are talk. */
function talk({ say, err, cwd }: Terminal): Pick<Terminal, 'print' | 'out' | 'cwd'> {
  return { print: text => say(text.trimEnd()), out: err, cwd };
}
