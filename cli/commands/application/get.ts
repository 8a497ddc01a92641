// `tenfold get`: what a running application consists of, as tables like kubectl's or as data.
import type { Command } from '@commander-js/extra-typings';
import { CommandError } from '../../command-error.ts';
import type { GetRequest } from '../../get/show.ts';
import { parseDurationOption } from '../../option-values.ts';
import { outputOption } from '../../output/output-option.ts';
import { namespaceFor, withNamespaceOptions } from '../../platform/platform-options.ts';
import type { Terminal } from '../../terminal.ts';

const EXAMPLES = `
KIND is routes, problems, or a kind of resource: functions (fn), topics (tp), apis, aggregates (agg),
subscriptions (sub), stranglers (str), queues (qu), views (vw), pipelines (pl), fanouts (fo).
With --output json or yaml it prints what the admin API answers. --wait waits for an application that is starting, and
until all that is asked for is ready; it ends with 5 when that is not in time.

Examples:
  $ tenfold get                          all resources and how they are doing
  $ tenfold get functions                what runs, and how much
  $ tenfold get function orders -o yaml  everything about one
  $ tenfold get api                      resources of one kind
  $ tenfold get routes --output wide     what the public listener answers to
  $ tenfold get problems                 what is wrong with the resource files
  $ tenfold get --watch                  all resources, and then each change of one
  $ tenfold get function orders --wait   in scripts: as soon as it can be called`;

const WAIT_MS = 30_000;

export function defineGet(command: Command, terminal: Terminal): void {
  withNamespaceOptions(
    'only this namespace',
    command
      .argument('[KIND]', 'what to show')
      .argument('[NAME]', 'one of them')
      .addOption(outputOption(['table', 'wide', 'name', 'json', 'yaml'], 'table'))
      .option('-w, --wait', 'wait until it is there and ready')
      .option('--watch', 'then print a line for each change, until Ctrl-C')
      .option('--timeout <DURATION>', 'how long to wait, e.g. 2m; 30s by default', parseDurationOption),
  )
    .addHelpText('after', EXAMPLES)
    .action(async (kind, name, options) => {
      if (options.timeout !== undefined && !options.wait) {
        throw new CommandError('usage', '--timeout says how long to --wait, and there is no --wait.', {
          hint: 'add --wait, or leave out --timeout.',
        });
      }
      const [{ show }, { waitUntilReady }, { createConnector }, { createAdminClient }] = await Promise.all([
        import('../../get/show.ts'),
        import('../../get/wait.ts'),
        import('../../platform/connector.ts'),
        import('../../platform/admin-client.ts'),
      ]);
      const request: { -readonly [Name in keyof GetRequest]: GetRequest[Name] } = {
        kind,
        name,
        namespace: options.namespace,
        format: options.output,
      };
      const find = createConnector(options, terminal);
      let isFound = false;
      const connect = async () => {
        const target = await find();
        // With --wait it may be there later only. The context may name another one after that.
        if (!isFound) request.namespace = namespaceFor(options, target);
        isFound = true;
        return createAdminClient(target);
      };
      const client = options.wait
        ? await waitUntilReady(request, connect, options.timeout ?? WAIT_MS)
        : await connect();
      if (options.watch) {
        const [{ watchResources }, { untilInterrupted }] = await Promise.all([
          import('../../get/watch.ts'),
          import('../../operations/interrupt.ts'),
        ]);
        let first: typeof client | undefined = client;
        const reconnect = async () => {
          const connected = first ?? (await connect());
          first = undefined;
          return connected;
        };
        await untilInterrupted(signal => watchResources(request, reconnect, terminal, signal));
        return;
      }
      const { data, talk } = await show(request, client, terminal);
      if (data !== undefined) terminal.print(data);
      if (talk !== undefined) terminal.say(talk);
    });
}
