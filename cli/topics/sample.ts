// `tenfold topics sample`: sample events of a Topic, as `tenfold publish --batch` takes them.
import { randomUUID } from 'node:crypto';
import { CommandError } from '../command-error.ts';
import { inNamespace } from '../events/in-namespace.ts';
import type { ListFormat } from '../output/print-list.ts';
import { renderJson } from '../output/render.ts';
import type { AdminClient } from '../platform/admin-client.ts';
import type { Terminal } from '../terminal.ts';
import { findTopicEntry } from './catalogue.ts';
import type { TopicRequest } from './find-topic.ts';

export interface SampleRequest {
  readonly topic: TopicRequest;
  /** Type of the events; without it the name of the Topic. */
  readonly type: string | undefined;
  /** All of them without it. */
  readonly limit: number | undefined;
  readonly format: ListFormat;
}

/** One event a line. */
export async function printSamples(
  { topic: { name, namespace }, type, limit, format }: SampleRequest,
  client: Pick<AdminClient, 'topicCatalogue'>,
  terminal: Terminal,
): Promise<void> {
  if (name === undefined) {
    throw new CommandError('usage', 'It is not said which Topic.', {
      hint: 'name one; "tenfold topics catalogue" shows them.',
    });
  }
  if (format !== 'table' && format !== 'json') {
    throw new CommandError('usage', 'sample prints events as JSON, one a line. Leave out --output.');
  }
  const entry = await findTopicEntry(name, namespace, client);
  if (entry.samples.length === 0) {
    const publish = `tenfold publish ${name}${inNamespace(entry.namespace)}`;
    throw new CommandError('no-event', `The schema of the Topic "${name}" has no examples.`, {
      hint: `add "examples" to it, or write an event with "${publish} --data JSON".`,
    });
  }
  for (const data of entry.samples.slice(0, limit)) {
    const event = {
      specversion: '1.0',
      id: randomUUID(),
      source: '/tenfold/cli',
      type: type ?? name,
      datacontenttype: 'application/json',
      data,
    };
    terminal.print(renderJson(event));
  }
}
