// The story of an event for people: where it stands, why it waits, and what became of it at each
// consumer of its topic.
import type { EventStory, JobStory, StoryRepeat } from '../../admin/story-view.ts';
import type { EventOwner } from '../../admin/topic-view.ts';
import { counted } from '../../core/units/counted.ts';
import { oneLine } from '../output/table.ts';
import { wrap } from '../output/wrap.ts';
import type { TopicName } from '../platform/event-client.ts';
import { ageOf } from '../relative-age.ts';
import type { Style } from '../style.ts';
import { placeOf } from '../topics/event-columns.ts';
import { ofNamespace } from './choice.ts';
import { consumerTable, WIDTH } from './consumer-lines.ts';
import { describeJob } from './describe-job.ts';
import { linkLines } from './link-lines.ts';

/** An event with the topic, or the Queue, that it was found in; or a job. */
export type ToldEvent =
  | (EventStory & { readonly topic: TopicName & { readonly kind?: EventOwner['kind'] } })
  | JobStory;

/** `now`: what ages count from, milliseconds since 1970. */
export function describeStory(story: ToldEvent, style: Style, now: number): string {
  return 'of' in story ? describeJob(story, style, now) : describeEvent(story, style, now);
}

function describeEvent(
  { topic, event, repeats, because, consumers, hidden = 0, traces = [], ...links }: Exclude<ToldEvent, JobStory>,
  style: Style,
  now: number,
): string {
  const { id, type, source, key, appendedAt } = event;
  const appended = appendedAt === undefined ? '-' : `${appendedAt}, ${ageOf(appendedAt, now)} ago`;
  const lines = [
    `${topic.kind === 'Queue' ? 'Queue ' : 'Topic '}     ${topic.name}${ofNamespace(topic)}, at ${placeOf(event)}`,
    `Appended   ${appended}`,
    `Type       ${type ?? '-'}`,
    `Source     ${source ?? '-'}`,
    `Key        ${key ?? '-'}`,
    ...(repeats === undefined ? [] : [`Repeats    ${repeatWords(repeats)}`]),
    ...(traces.length === 0 ? [] : [`Trace      ${traces.join(' ')}`]),
  ];
  const head = [style.bold(oneLine(id ?? '-')), ...lines.map(oneLine)].join('\n');
  if (topic.kind === 'Queue')
    return `${head}\n\nNo endpoint has made it a job: workers handle it, and nothing is kept of it.`;
  const others = hidden === 0 ? [] : [`Left out: ${counted(hidden, 'consumer')} in namespaces that you may not view.`];
  const none = hidden === 0 ? ['The topic has no consumers.'] : [];
  const fates = consumers.length === 0 ? none : [consumerTable(consumers, style, now)];
  const why = because === undefined ? [] : [wrap(oneLine(because), WIDTH).join('\n')];
  return [head, ...why, ...fates, ...others, ...linkLines(links, style)].join('\n\n');
}

/** The event that a person sent again as this one. */
function repeatWords({ eventId, at, only }: StoryRepeat): string {
  const alone = only === undefined ? '' : `; for ${only} alone`;
  const where = at === undefined ? 'which is there no more' : `at ${at.topic} ${at.place}`;
  return `${eventId}, ${where}${alone}`;
}
