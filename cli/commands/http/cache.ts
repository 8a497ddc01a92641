// `tenfold cache`: what the response cache of a running application does, and making it forget.
import { Argument, type Command } from '@commander-js/extra-typings';
import { CommandError } from '../../command-error.ts';
import { outputOption } from '../../output/output-option.ts';
import { namespaceFor, withNamespaceOptions } from '../../platform/platform-options.ts';
import type { Terminal } from '../../terminal.ts';

const EXAMPLES = `
All selectors that are given must hold. Tags are those that answers name in Cache-Tag or Surrogate-Key.

Examples:
  $ tenfold cache show                        hits and misses by route
  $ tenfold cache purge --path /shop/menu     one path, with all of its queries and variants
  $ tenfold cache purge --prefix /shop/menu/
  $ tenfold cache purge --tag menu
  $ tenfold cache purge --api shop --route /shop/menu/:id
  $ tenfold cache purge --all`;

export function defineCache(command: Command, terminal: Terminal): void {
  withNamespaceOptions(
    'purge: only this namespace',
    command
      .addArgument(new Argument('<ACTION>', 'what to do').choices(['show', 'purge'] as const))
      .option('--api <NAME>', 'purge: answers of this Api')
      .option('--route <PATTERN>', 'purge: answers of this route, as "tenfold get routes" shows it')
      .option('--path <PATH>', 'purge: answers of this path')
      .option('--prefix <PATH>', 'purge: answers of all paths that begin so')
      .option('--tag <TAG>', 'purge: answers with this tag')
      .option('--all', 'purge: everything')
      .addOption(outputOption(['table', 'json', 'yaml'], 'table')),
  )
    .addHelpText('after', EXAMPLES)
    .action(async (action, options) => {
      const { namespace, api, route, path, prefix, tag, all } = options;
      const selector = { namespace, api, route, path, prefix, tag };
      const given = Object.values(selector).some(value => value !== undefined);
      if (action === 'purge' && !given && !all) {
        throw new CommandError('usage', 'It is not said what to purge.', {
          hint: 'name a --path, --prefix, --tag, --route or --api; or pass --all.',
        });
      }
      const [{ showCache, showPurge }, { findPlatform }, { createAdminClient }] = await Promise.all([
        import('../../cache/show.ts'),
        import('../../platform/find-platform.ts'),
        import('../../platform/admin-client.ts'),
      ]);
      const target = await findPlatform(options, terminal);
      const client = createAdminClient(target);
      if (action === 'show') terminal.print(showCache(await client.cache(), options.output, terminal));
      else {
        const report = await client.purgeCache({
          ...selector,
          namespace: namespaceFor(options, target),
          ...(all ? { all: 'true' } : {}),
        });
        terminal.print(showPurge(report, options.output));
      }
    });
}
