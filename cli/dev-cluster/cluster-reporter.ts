// Tells what happens to an application in a cluster: lines for a person, or a JSON
// object a line for programs.
import type { Applied } from '../../k8s/apply/apply-application.ts';
import type { Waiting } from '../../k8s/apply/wait-ready.ts';
import type { ResourceProblem } from '../../resources/resource.ts';
import type { FunctionLog, FunctionReload } from '../../server/platform-events.ts';
import { createReporter, type DevOutput } from '../dev/create-reporter.ts';
import { createLineWriter } from '../dev/line-writer.ts';
import { oneLine } from '../output/table.ts';
import { countProblems, formatProblems } from '../problems/format-problems.ts';
import type { Terminal } from '../terminal.ts';

export interface ClusterReporter {
  said(level: 'info' | 'warn', message: string): void;
  /** `went` says whether the rest was applied. */
  problems(problems: readonly ResourceProblem[], went: boolean): void;
  applied(applied: readonly Applied[]): void;
  /** New code answers. */
  runs(reload: FunctionReload): void;
  /** It does not get ready. */
  late(waiting: Waiting): void;
  functionLog(entry: FunctionLog): void;
}

export function createClusterReporter(options: DevOutput, directory: string, terminal: Terminal): ClusterReporter {
  const { events } = createReporter(options, directory, terminal);
  const functionLog = (entry: FunctionLog) => events.functionLog?.(entry);
  const runs = (reload: FunctionReload) => events.functionReloaded?.(reload);
  const changed = (applied: readonly Applied[]) => applied.filter(({ action }) => action !== 'unchanged');
  if (options.output === 'json') {
    const emit = (event: string, fields: object) =>
      terminal.print(JSON.stringify({ time: new Date().toISOString(), event, ...fields }));
    return {
      said: (level, message) => emit('cluster', { level, message }),
      problems: (problems, went) => emit('refused', { problems, applied: went }),
      applied(applied) {
        for (const { kind, namespace, name, action } of changed(applied))
          emit('applied', { kind, namespace, name, action });
      },
      runs,
      late: waiting => emit('failed', waiting),
      functionLog,
    };
  }
  const { out } = terminal;
  const lines = createLineWriter(terminal, () => new Date());
  return {
    said: (level, message) => lines.line('tenfold', level === 'warn' ? out.yellow(message) : message),
    problems(problems, went) {
      lines.line(
        'resources',
        `${countProblems(problems)}\n${formatProblems(problems, { style: out, base: terminal.cwd })}`,
      );
      if (!went)
        lines.line('resources', out.yellow('the change is not in the cluster; the version before it keeps serving'));
    },
    applied(applied) {
      for (const { kind, name, action } of changed(applied))
        lines.line('resources', `${kind} ${name} ${out.dim(action)}`);
    },
    runs,
    late: ({ name, message }) => lines.line(name, `${out.red('not ready')}: ${oneLine(message)}`),
    functionLog,
  };
}
