// `tenfold keys`: API keys of an application on this machine: given, listed, taken back.
import { Argument, type Command } from '@commander-js/extra-typings';
import { CommandError } from '../../command-error.ts';
import { outputOption } from '../../output/output-option.ts';
import type { Terminal } from '../../terminal.ts';

const EXAMPLES = `
A key is printed once and cannot be shown again. The application need not run; when it does, it takes notice within a second.

Examples:
  $ KEY=$(tenfold keys create mobile)          a key for the consumer "mobile"
  $ curl -H "x-api-key: $KEY" localhost:8080/shop/orders
  $ tenfold keys create mobile --rotate        a second one, while the first still works
  $ tenfold keys revoke mobile --old           only the newest works now
  $ tenfold keys list --api shop
  $ tenfold keys revoke mobile`;

export function defineKeys(command: Command, terminal: Terminal): void {
  command
    .addArgument(new Argument('<ACTION>', 'what to do').choices(['create', 'list', 'revoke'] as const))
    .argument('[CONSUMER]', 'create, revoke: who the key is for')
    .option('--api <NAME>', 'an Api that takes these keys; needed when there are several')
    .option('-n, --namespace <NAME>', 'namespace of the Api')
    .option('--rotate', 'create: add a key to those that the consumer has')
    .option('--old', 'revoke: all keys of the consumer but the newest')
    .option('--dir <DIR>', 'application folder; without it the working folder, or the one above it that has run')
    .addOption(outputOption(['table', 'json', 'yaml'], 'table'))
    .addHelpText('after', EXAMPLES)
    .action(async (action, consumer, options) => {
      const { namespace, api, output } = options;
      if (action !== 'list' && consumer === undefined) throw new CommandError('usage', `Whose key to ${action}?`);
      const [{ findKeyStore }, { createKey, listKeys, revokeKeys }] = await Promise.all([
        import('../../keys/key-store.ts'),
        import('../../keys/actions.ts'),
      ]);
      const store = await findKeyStore({ dir: options.dir, namespace, api }, terminal);
      const { data, talk } =
        action === 'list'
          ? listKeys(store, output, terminal)
          : action === 'create'
            ? createKey(store, consumer ?? '', options.rotate === true, output)
            : revokeKeys(store, consumer ?? '', options.old === true, output);
      if (data !== undefined) terminal.print(data);
      terminal.say(talk);
    });
}
