// `tenfold topics resend`: sends an event again as a new one, and says first what would go to whom.
import type { ResendPlan } from '../../admin/commands/resend-view.ts';
import type { ConsumerName } from '../../admin/consumer-name.ts';
import { counted } from '../../core/units/counted.ts';
import { CommandError } from '../command-error.ts';
import { consumerNameOf } from '../dead/list.ts';
import { findLetterOwner } from '../events/find-letter-owner.ts';
import { readEdit } from '../events/read-data.ts';
import type { ListFormat } from '../output/print-list.ts';
import { renderData } from '../output/render.ts';
import { oneLine } from '../output/table.ts';
import type { AdminClient } from '../platform/admin-client.ts';
import type { Terminal } from '../terminal.ts';
import { findTopic, type TopicRequest } from './find-topic.ts';

export interface ResendCommand {
  readonly topic: TopicRequest;
  /** `3-17`. */
  readonly place: string | undefined;
  /** Path of the new data, or `-`. */
  readonly edit: string | undefined;
  readonly contentType: string | undefined;
  /** The consumer that alone gets it: `wall`, `view/sold`. */
  readonly consumer: string | undefined;
  readonly dryRun: boolean;
  readonly format: ListFormat;
}

export async function resendEvent(
  { topic, place, edit, contentType, consumer, dryRun, format }: ResendCommand,
  client: Pick<AdminClient, 'topics' | 'planResend' | 'resend' | 'consumers'>,
  terminal: Terminal,
): Promise<void> {
  if (place === undefined) {
    throw new CommandError('usage', 'It is not said which event to send again.', {
      hint: 'name its place, such as 3-17, as "tenfold topics peek" and "tenfold story" show it.',
    });
  }
  if (edit === undefined && contentType !== undefined)
    throw new CommandError('usage', '--content-type is for the data of --edit.');
  const name = await findTopic(topic, client);
  const order = {
    ...(edit === undefined ? {} : { edit: await readEdit(edit, contentType, terminal) }),
    ...(consumer === undefined ? {} : { consumer: await consumerOf(consumer, name.namespace, client) }),
  };
  const plan = await client.planResend(name, place, order);
  const isData = format === 'json' || format === 'yaml';
  if (!isData) for (const line of planLines(plan, name.name)) terminal.say(oneLine(line));
  if (dryRun) {
    if (isData) terminal.print(renderData(plan, format));
    else terminal.print('Nothing was sent.');
    return;
  }
  const sent = await client.resend(name, place, { ...order, eventId: plan.eventId });
  const at = `${sent.partition}-${sent.offset}`;
  if (isData) return terminal.print(renderData({ ...plan, ...sent }, format));
  if (format === 'name') return terminal.print(at);
  terminal.print(`${name.name} ${at}: sent again as ${sent.eventId}`);
  terminal.say(`See what becomes of it:\n  tenfold story ${at} --topic ${name.name} -n ${name.namespace}`);
}

async function consumerOf(
  text: string,
  namespace: string,
  client: Pick<AdminClient, 'consumers'>,
): Promise<ConsumerName> {
  const { kind, name, namespace: at } = await findLetterOwner({ name: text, namespace }, client);
  return { kind, namespace: at, name };
}

function planLines(plan: ResendPlan, topic: string): string[] {
  const {
    repeats,
    edited,
    type,
    key,
    bytes,
    contentType = 'no media type',
    consumers,
    hidden = 0,
    others,
    notes,
  } = plan;
  const named = consumers.map(consumerNameOf).join(', ');
  const unseen = hidden === 0 ? '' : ` ${counted(hidden, 'consumer')} in namespaces that you may not view get it, too.`;
  return [
    `A new event of type ${type} for Topic ${topic} repeats ${repeats.id}, ${edited ? 'with other data' : 'as it was'}.`,
    `It has ${key === null ? 'no key' : `the key ${key}`} and ${bytes} bytes of ${contentType}.`,
    `${counted(consumers.length, 'consumer')} would get it${named === '' ? '' : `: ${named}`}${aloneWords(others)}.${unseen}`,
    ...notes,
  ];
}

/** `others`: undefined where all consumers get it. */
function aloneWords(others: number | undefined): string {
  if (others === undefined) return '';
  return others === 1 ? ' alone; 1 other leaves it out' : ` alone; ${others} others leave it out`;
}
