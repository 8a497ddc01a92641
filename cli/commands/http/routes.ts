// `tenfold routes`: what the public listener of a running application leads where, and which
// route takes a given request.
import { Argument, type Command } from '@commander-js/extra-typings';
import { CommandError } from '../../command-error.ts';
import { exitCodes } from '../../exit-codes.ts';
import { repeated } from '../../option-values.ts';
import { outputOption } from '../../output/output-option.ts';
import { namespaceFor, withNamespaceOptions } from '../../platform/platform-options.ts';
import type { Terminal } from '../../terminal.ts';

const EXAMPLES = `
Routes are tried from the most specific on: by host, then by path, then by the number of conditions; so they are listed.
"explain" sends no request. It ends with 3 when no route takes the one in question. Credentials, limits and schemas come
after the route is chosen, and are not looked at.

Examples:
  $ tenfold routes                                   all routes
  $ tenfold routes explain POST /shop/orders         which one takes this, and what is against the others
  $ tenfold routes explain GET /shop/orders/17 --header "api-version: v2" --cookie sid=7
  $ tenfold routes explain GET /menu --host shop.example.com --consumer acme`;

export function defineRoutes(command: Command, terminal: Terminal): void {
  withNamespaceOptions(
    'only routes of this namespace; not for explain',
    command
      .addArgument(new Argument('[ACTION]', 'what to do instead of listing them').choices(['explain'] as const))
      .argument('[METHOD]', 'explain: method of the request')
      .argument('[PATH]', 'explain: its path')
      .option('--host <NAME>', 'explain: host that is asked; that of the public listener by default')
      .option('--listener <NAME>', 'explain: listener that is asked; the public one by default')
      .addOption(repeated('-H, --header <NAME:VALUE>', 'explain: header, may be repeated'))
      .addOption(repeated('-q, --query <NAME=VALUE>', 'explain: query parameter, may be repeated'))
      .addOption(repeated('--cookie <NAME=VALUE>', 'explain: cookie, may be repeated'))
      .option('--consumer <NAME>', 'explain: who the request comes from; nobody that is known by default')
      .addOption(outputOption(['table', 'json', 'yaml'], 'table')),
  )
    .addHelpText('after', EXAMPLES)
    .action(async (action, method, path, options) => {
      const { host, listener, header, query, cookie, consumer, output } = options;
      const [{ findPlatform }, { createAdminClient }] = await Promise.all([
        import('../../platform/find-platform.ts'),
        import('../../platform/admin-client.ts'),
      ]);
      if (action === undefined) {
        const { listRoutes } = await import('../../routes/list.ts');
        const target = await findPlatform(options, terminal);
        const namespace = namespaceFor(options, target);
        const client = createAdminClient(target);
        const { data, talk } = listRoutes((await client.routes()).items, namespace, output, terminal);
        if (data !== undefined) terminal.print(data);
        if (talk !== undefined) terminal.say(talk);
        return;
      }
      if (method === undefined || path === undefined) {
        throw new CommandError('usage', 'It is not said which request to explain.', {
          hint: 'name its method and its path: tenfold routes explain GET /orders.',
        });
      }
      const [{ toExplainRequest }, { showExplanation }] = await Promise.all([
        import('../../routes/to-request.ts'),
        import('../../routes/explain.ts'),
      ]);
      const request = toExplainRequest({ method, path, host, listener, header, query, cookie, consumer });
      const client = createAdminClient(await findPlatform(options, terminal));
      const explanation = await client.explain(request);
      terminal.print(showExplanation(explanation, output, terminal.out));
      if (explanation.refusal) terminal.exitCode = exitCodes.notFound.code;
    });
}
