// `tenfold dev`: runs an application, follows every change, and tells what happens.
import { resolve } from 'node:path';
import type { Command } from '@commander-js/extra-typings';
import type { LogLevel } from '../../../server/config/log-levels.ts';
import { toOptionValues, withApplicationOptions } from '../../application/application-options.ts';
import { startCompileCache } from '../../application/compile-cache.ts';
import { addClusterOptions } from '../../cluster/cluster-options.ts';
import { CommandError } from '../../command-error.ts';
import type { DevClusterOptions } from '../../dev-cluster/dev-cluster.ts';
import { parsePort } from '../../option-values.ts';
import { outputOption } from '../../output/output-option.ts';
import type { Terminal } from '../../terminal.ts';

const EXAMPLES = `
Saved changes are live at once; a change with a mistake is shown, and the version before it keeps serving.
Ctrl-C lets requests in flight finish, a second Ctrl-C ends at once.

Examples:
  $ tenfold dev
  $ tenfold dev my-shop --port 3000
  $ tenfold dev my-shop --inspect=orders
  $ tenfold dev my-shop --port 0 --internal-port 0 --admin-port 0 --output json
  $ tenfold dev my-shop --cluster --namespace try-out`;

/** Debuggers of Node.js look there first. */
const DEBUG_PORT = 9229;

export function defineDev(command: Command, terminal: Terminal): void {
  addClusterOptions(
    withApplicationOptions(command)
      .option('--cluster', 'run it in a Kubernetes cluster, and bring every change there')
      .option('--application <NAME>', 'what it is called there; without it as its folder'),
  )
    .option('--inspect [FUNCTION]', 'let a debugger attach to this Function, or to each one; time limits wait for it')
    .option(
      '--inspect-port <PORT>',
      'port for the debugger of the first Function, those after it for the others; 0 takes any free ones (9229)',
      parsePort,
    )
    .addOption(outputOption(['text', 'json'], 'text'))
    .addHelpText('after', EXAMPLES)
    .action(async (dir, options) => {
      const toPath = (path: string) => resolve(terminal.cwd, path);
      const directory = toPath(dir);
      const { cluster, namespace, kubeconfig, context, application, inspect, inspectPort, ...own } = options;
      assertInspects(options);
      if (cluster === true) return await inCluster(directory, options, terminal);
      if (namespace ?? kubeconfig ?? context ?? application) {
        throw new CommandError('usage', '--namespace, --kubeconfig, --context and --application go with --cluster.');
      }
      startCompileCache(directory);
      const [{ readConfig }, { runApplication }, { createReporter }] = await Promise.all([
        import('../../application/read-config.ts'),
        import('../../application/run-application.ts'),
        import('../../dev/create-reporter.ts'),
      ]);
      const request = { role: 'serve', file: options.config, options: toOptionValues(own, toPath) } as const;
      const { config: read, ...known } = readConfig(request, terminal);
      // Receivers of callbacks on a laptop run there, too.
      const callbacks = { hosts: read.callbacks.hosts ?? ['127.0.0.0/8', '::1'] };
      const config = { ...read, callbacks };
      const reporter = createReporter({ output: options.output, logLevel: config.logLevel }, directory, terminal);
      await runApplication({
        directory,
        watch: true,
        ...(inspect === undefined
          ? {}
          : { inspect: { only: inspect === true ? undefined : inspect, port: inspectPort ?? DEBUG_PORT } }),
        config,
        ...known,
        reporter,
      });
    });
}

interface InspectOptions {
  readonly cluster?: true | undefined;
  readonly inspect?: string | true | undefined;
  readonly inspectPort?: number | undefined;
}

function assertInspects({ cluster, inspect, inspectPort }: InspectOptions): void {
  if (inspect !== undefined && cluster) throw new CommandError('usage', '--inspect is for Functions of this machine.');
  if (inspect === undefined && inspectPort !== undefined)
    throw new CommandError('usage', '--inspect-port goes with --inspect.');
}

async function inCluster(
  directory: string,
  options: DevClusterOptions & { readonly output: 'text' | 'json'; readonly logLevel?: LogLevel | undefined },
  terminal: Terminal,
): Promise<void> {
  const [{ devCluster }, { createClusterReporter }] = await Promise.all([
    import('../../dev-cluster/dev-cluster.ts'),
    import('../../dev-cluster/cluster-reporter.ts'),
  ]);
  const output = { output: options.output, logLevel: options.logLevel ?? 'info' };
  await devCluster(directory, options, createClusterReporter(output, directory, terminal), terminal);
}
