// `tenfold publish`: events to a topic of a running application, one or a whole file,
// through its internal listener.
import type { Command } from '@commander-js/extra-typings';
import { withPlatformOptions } from '../../platform/platform-options.ts';
import type { Terminal } from '../../terminal.ts';

const EXAMPLES = `
It ends once the events are durable. The type of an event is the topic's name unless --type says otherwise.
With --batch it takes a JSON array, or one JSON value a line: CloudEvents (with "specversion") as they are, anything else
as the data of an event. What is refused is listed, and the command ends with 4; all else is published.

Examples:
  $ tenfold publish orders --type OrderCreated --data '{"orderId": "17"}'
  $ tenfold publish orders --data @order.json --subject 17 --key table-7
  $ generate-orders | tenfold publish orders --batch -`;

export function definePublish(command: Command, terminal: Terminal): void {
  withPlatformOptions(
    command
      .argument('<TOPIC>', 'name of the topic')
      .option('-n, --namespace <NAME>', 'namespace of the topic')
      .option('-d, --data <TEXT|@FILE|->', 'data of the event: the text, a file, or - for standard input')
      .option('--batch <FILE|->', 'publish all events of this file, - for standard input')
      .option('--type <TYPE>', "type of the event; the topic's name by default")
      .option('--id <ID>', 'id of the event, a fresh one by default')
      .option('--source <URI>', 'source of the event', '/tenfold/cli')
      .option('--subject <TEXT>', 'subject of the event')
      .option('--key <KEY>', 'partition key: events of one key are delivered in order'),
  )
    .addHelpText('after', EXAMPLES)
    .action(async (topic, options) => {
      const [{ publishBatch, publishOne }, { findInternalListener }] = await Promise.all([
        import('../../publish/publish.ts'),
        import('../../platform/internal-listener.ts'),
      ]);
      const listener = await findInternalListener(options, options.namespace, terminal);
      const { data, batch, id, subject, key, source, type = topic } = options;
      const request = { topic, data, id, defaults: { type, source, subject, key } };
      if (batch === undefined) await publishOne(request, listener, terminal);
      else await publishBatch({ ...request, batch }, listener, terminal);
    });
}
