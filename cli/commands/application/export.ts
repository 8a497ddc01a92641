// `tenfold export`: Topics as AsyncAPI, Apis as OpenAPI, all of it for the catalogue of Backstage.
import { Argument, type Command } from '@commander-js/extra-typings';
import { CommandError } from '../../command-error.ts';
import { outputOption } from '../../output/output-option.ts';
import { namespaceFor, withNamespaceOptions } from '../../platform/platform-options.ts';
import type { Terminal } from '../../terminal.ts';

const EXAMPLES = `
Reads files. With --running, or an option that names a platform, it reads the resources of that instead.

Examples:
  $ tenfold export asyncapi                            AsyncAPI 3.1 of Topics, Queues and their consumers
  $ tenfold export openapi my-shop --api shop          OpenAPI 3.1 of one Api
  $ tenfold export openapi my-shop --to api-docs       a file for each Api
  $ tenfold export backstage --owner group:default/shop > catalog-info.yaml
  $ tenfold export asyncapi --running -o json
  $ tenfold export asyncapi --context production -n shop --topic-prefix prod.`;

export function defineExport(command: Command, terminal: Terminal): void {
  withNamespaceOptions(
    'only this namespace',
    command
      .addArgument(new Argument('<FORMAT>', 'what to write').choices(['asyncapi', 'openapi', 'backstage'] as const))
      .argument('[FILES...]', 'folders and files; - is standard input; without any the working folder')
      .option('--running', 'the resources of a running application instead of files')
      .option('--api <NAME>', 'openapi: the Api; needed when there are several')
      .option('--to <DIR>', 'folder that files are written to, instead of stdout')
      .option('--topic-prefix <TEXT>', 'what names in Kafka begin with (log.kafka.topicPrefix)', '')
      .option('--owner <ENTITY>', 'backstage: the owner where a resource names none', 'unknown')
      .option('--lifecycle <WORD>', 'backstage: the same for the lifecycle', 'production')
      .addOption(outputOption(['yaml', 'json'], 'yaml')),
  )
    .addHelpText('after', EXAMPLES)
    .action(async (format, paths, { api, topicPrefix, owner, lifecycle, to, output, running, ...options }) => {
      const { namespace, allNamespaces: _all, ...named } = options;
      const isRunning = running === true || Object.values(named).some(value => value !== undefined);
      if (isRunning && paths.length > 0) {
        throw new CommandError('usage', 'Files are named, and a running application, too: only one can be exported.', {
          hint: 'leave the files out, or --running and the options that name a platform.',
        });
      }
      const [{ exportAs }, { readFromFiles, readFromPlatform }] = await Promise.all([
        import('../../export/export-as.ts'),
        import('../../export/read-resources.ts'),
      ]);
      const request = { format, api, topicPrefix, owner, lifecycle, to, output };
      if (!isRunning) {
        const files = paths.length === 0 ? ['.'] : paths;
        await exportAs(await readFromFiles(files, namespace, terminal), request, terminal);
        return;
      }
      const [{ findPlatform }, { createAdminClient }] = await Promise.all([
        import('../../platform/find-platform.ts'),
        import('../../platform/admin-client.ts'),
      ]);
      const target = await findPlatform(options, terminal);
      const client = createAdminClient(target);
      const resources = await readFromPlatform(client, namespaceFor(options, target), terminal);
      await exportAs(resources, request, terminal);
    });
}
