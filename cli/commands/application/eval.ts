// `tenfold eval`: tries an expression on an event, a request or an answer, without a platform.
import { type Command, Option } from '@commander-js/extra-typings';
import { repeated } from '../../option-values.ts';
import type { Terminal } from '../../terminal.ts';

const EXAMPLES = `
A shell replaces \${…} itself unless it stands in single quotes. An expression that has no text around it may come without \${…}.
The value is printed as JSON. Without a value the error says where and why, and the command ends with 1.
All values may be text, @FILE or - (standard input). JSON without "specversion" is the data of an event.

Examples:
  $ tenfold eval '\${event.data.total > 100}' --event @order.json
  $ generate-order | tenfold eval 'event.data.items.map(i, i.price).sum()' --event -
  $ tenfold eval '\${request.headers["x-tenant"]}' --request '{"path": "/orders?limit=5", "headers": {"x-tenant": "a"}}'
  $ tenfold eval '\${menu.body.items.size()}' --part menu='{"status": 200, "body": {"items": []}}'
  $ tenfold eval '\${answer.status >= 500}' --answer '{"status": 503}' --expect bool`;

export function defineEval(command: Command, terminal: Terminal): void {
  command
    .argument('<EXPRESSION>', 'the expression, text with expressions in it, @FILE or -')
    .option('--event <JSON|@FILE|->', 'the event, or its data')
    .option('--row <JSON|@FILE|->', 'what a row of a View holds, or null; with --event where an event changes it')
    .option(
      '--request <JSON|@FILE|->',
      'a request: method, path, host, headers, query, cookies, params, claims, consumer, body',
    )
    .option('--answer <JSON|@FILE|->', 'what a service answered: status, headers, body')
    .addOption(repeated('--part <NAME=JSON>', 'what a part of an Aggregate answered, may be repeated'))
    .option('--args <JSON|@FILE|->', 'arguments of a field of GraphQL')
    .option('--parent <JSON|@FILE|->', 'object that the field of GraphQL belongs to')
    .addOption(
      new Option('--expect <TYPE>', 'type that the place of the expression needs')
        .choices(['any', 'bool', 'string', 'number', 'timestamp', 'list', 'map'] as const)
        .default('any' as const),
    )
    .addHelpText('after', EXAMPLES)
    .action(async (expression, options) => {
      const { evaluate } = await import('../../eval/evaluate.ts');
      await evaluate({ ...options, expression }, terminal);
    });
}
