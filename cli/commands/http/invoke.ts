// `tenfold invoke`: calls a function of a running application through its internal listener.
import type { Command } from '@commander-js/extra-typings';
import { parseDurationOption, repeated } from '../../option-values.ts';
import { withPlatformOptions } from '../../platform/platform-options.ts';
import type { Terminal } from '../../terminal.ts';

const EXAMPLES = `
The body goes to stdout, everything else to stderr. The exit code is 0 for an answer below 400, 4 for 4xx, 5 for 5xx.

Examples:
  $ tenfold invoke menu
  $ tenfold invoke orders --path /orders/17 --include
  $ tenfold invoke orders --path /orders --data '{"coffee": "v60"}'
  $ tenfold invoke importer --data @articles.json --timeout 5m
  $ tenfold invoke video-wall --event --type OrderCreated --data '{"orderId": "17"}'`;

export function defineInvoke(command: Command, terminal: Terminal): void {
  withPlatformOptions(
    command
      .argument('<FUNCTION>', 'name of the function')
      .option('-n, --namespace <NAME>', 'namespace of the function')
      .option('-X, --method <METHOD>', 'HTTP method; POST when there is data, else GET')
      .option('-p, --path <PATH>', 'path at the function', '/')
      .addOption(repeated('-q, --query <NAME=VALUE>', 'query parameter, may be repeated'))
      .addOption(repeated('-H, --header <NAME:VALUE>', 'header, may be repeated'))
      .option('-d, --data <TEXT|@FILE|->', 'body: the text, a file, or - for standard input')
      .option('-e, --event', 'send a CloudEvent; --data is its data')
      .option('--type <TYPE>', 'type of the event')
      .option('--id <ID>', 'id of the event, a fresh one by default')
      .option('--source <URI>', 'source of the event', '/tenfold/cli')
      .option('--subject <TEXT>', 'subject of the event')
      .option('--timeout <DURATION>', 'how long to wait, e.g. 30s; at most 15m', parseDurationOption)
      .option('-i, --include', 'print status and headers before the body'),
  )
    .addHelpText('after', EXAMPLES)
    .action(async (name, options) => {
      const [{ findInternalListener }, { toCall }, { send }, { printAnswer }] = await Promise.all([
        import('../../platform/internal-listener.ts'),
        import('../../invoke/to-call.ts'),
        import('../../invoke/send.ts'),
        import('../../invoke/print-answer.ts'),
      ]);
      const call = await toCall(name, options, terminal);
      const answer = await send(await findInternalListener(options, options.namespace, terminal), call);
      await printAnswer(name, answer, options.include === true, terminal);
    });
}
