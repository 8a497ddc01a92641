// Answers "what happened to order 17?": one event on a timeline, from what it came from to what it
// led to, with what each consumer did and what can be done about it.
import { useState } from 'preact/hooks';
import type { ConsumerName } from '../../../admin/consumer-name.ts';
import type { EventStory, StoryLink, StoryRepeat, StoryUnread } from '../../../admin/story-view.ts';
import type { TopicEvent } from '../../../admin/topic-view.ts';
import { counted } from '../../../core/units/counted.ts';
import { ask } from '../../api/ask.ts';
import { endpoints } from '../../api/endpoints.ts';
import { consumersIn } from '../../api/heard.ts';
import { useLive } from '../../api/live.ts';
import { Act } from '../../parts/act.tsx';
import { Shape } from '../../parts/badge.tsx';
import { JsonTree } from '../../parts/json-tree.tsx';
import { PageHead, View } from '../../parts/view.tsx';
import { When } from '../../parts/when.tsx';
import { namedWords } from '../../parts/words.ts';
import { linkTo, query, withQuery } from '../../shell/router.ts';
import { FateItem } from './fate.tsx';
import { ResendDialog } from './resend-dialog.tsx';

export interface StoryPageProps {
  readonly namespace: string;
  readonly topic: string;
  /** `<partition>-<offset>`. */
  readonly place: string;
}

export function StoryPage({ namespace, topic, place }: StoryPageProps) {
  const params = { namespace, name: topic, id: place };
  const links = {
    ledSince: query.value.get('ledSince') ?? undefined,
    fromBefore: query.value.get('fromBefore') ?? undefined,
  };
  const story = useLive(
    `story ${JSON.stringify([params, links])}`,
    signal => ask(endpoints.story, { params, query: links }, signal),
    { on: consumersIn(namespace) },
  );
  const trail = (
    <>
      <a href={linkTo(['resources', 'Topic', namespace, topic])}>Topic {topic}</a>, at <span class="mono">{place}</span>
    </>
  );
  const [isSending, setSending] = useState(false);
  return (
    <View of={story}>
      {data => (
        <>
          <PageHead title={data.event.id ?? place} over={trail}>
            {data.event.unreadable === undefined ? (
              <Act verb="operate" namespace={namespace} act={() => setSending(true)}>
                Send again…
              </Act>
            ) : null}
          </PageHead>
          {isSending ? (
            <ResendDialog
              namespace={namespace}
              topic={topic}
              place={place}
              readers={readersIn(data)}
              close={() => setSending(false)}
            />
          ) : null}
          <div class="story">
            <Timeline of={data} namespace={namespace} place={place} again={story.again} />
            <EventPart event={data.event} />
          </div>
        </>
      )}
    </View>
  );
}

/** The consumers of the Topic itself: Pipelines and Views also tell of parts behind it. */
function readersIn({ consumers }: EventStory): readonly ConsumerName[] {
  const isPart = ({ kind, name }: ConsumerName) => (kind === 'Pipeline' || kind === 'View') && name.includes('/');
  const names = consumers.map(({ consumer }) => consumer).filter(each => !isPart(each));
  return [...new Map(names.map(each => [namedWords(each), each])).values()];
}

interface TimelineProps {
  readonly of: EventStory;
  readonly namespace: string;
  readonly place: string;
  readonly again: () => void;
}

function Timeline({ of, namespace, place, again }: TimelineProps) {
  const { event, repeats, consumers, hidden = 0, cameFrom, ledTo, moreLedTo = 0 } = of;
  return (
    <section aria-label="What happened">
      <ol class="timeline">
        {repeats === undefined ? null : <RepeatItem of={repeats} namespace={namespace} />}
        {cameFrom.map(link => (
          <LinkItem key={JSON.stringify(link)} of={link} direction="from" />
        ))}
        <Unread of={of.unreadBefore} what="Earlier events were not searched" name="fromBefore" />
        <li class="step">
          <Shape tone="good" />
          <div>
            <h2>Accepted</h2>
            <p class="muted">
              <When at={event.appendedAt} />
              {event.source === undefined ? '' : `, from ${event.source}`}
            </p>
          </div>
        </li>
        {consumers.map(story => (
          <FateItem
            key={JSON.stringify([story.consumer, story.generation])}
            story={story}
            place={place}
            again={again}
          />
        ))}
        {consumers.length === 0 && hidden === 0 ? (
          <li class="step">
            <Shape tone="quiet" />
            <p class="muted">Its Topic has no consumers.</p>
          </li>
        ) : null}
        {hidden > 0 ? (
          <li class="step">
            <Shape tone="quiet" />
            <p class="muted">{counted(hidden, 'consumer')} in namespaces that you may not view.</p>
          </li>
        ) : null}
        {ledTo.map(link => (
          <LinkItem key={JSON.stringify(link)} of={link} direction="to" />
        ))}
        {moreLedTo > 0 ? (
          <li class="step">
            <Shape tone="quiet" />
            <p class="muted">It led to {moreLedTo} more. The command line lists them: tenfold story -o json</p>
          </li>
        ) : null}
        <Unread of={of.unreadAfter} what="Later events were not searched" name="ledSince" />
      </ol>
    </section>
  );
}

const HOW: Readonly<Record<StoryLink['how'], string>> = {
  to: 'by its target',
  reply: 'as the reply of its target',
  'dead letter': 'as a dead letter',
  window: 'as the result of a window',
  end: 'as the end of the job',
};

function RepeatItem({ of, namespace }: { readonly of: StoryRepeat; readonly namespace: string }) {
  const { eventId, at, only } = of;
  return (
    <li class="step">
      <Shape tone="quiet" />
      <div>
        <h2>
          Sent again by a person: it repeats{' '}
          {at === undefined ? (
            eventId
          ) : (
            <a data-row href={linkTo(['story', namespace, at.topic, at.place])}>
              {eventId}
            </a>
          )}
        </h2>
        <p class="muted">
          {at === undefined ? 'That event is there no more.' : `Topic ${at.topic}, at ${at.place}`}
          {only === undefined ? '' : `, for ${only} alone`}
        </p>
      </div>
    </li>
  );
}

function LinkItem({ of: link, direction }: { readonly of: StoryLink; readonly direction: 'from' | 'to' }) {
  const { how, by, of, id, eventId, at } = link;
  const words = id === undefined ? 'many events' : (eventId ?? id);
  const isEvent = of.kind === 'Topic' && id !== undefined;
  const href = isEvent
    ? linkTo(['story', of.namespace, of.name, id])
    : linkTo(['resources', of.kind, of.namespace, of.name]);
  return (
    <li class="step">
      <Shape tone="quiet" />
      <div>
        <h2>
          {direction === 'from' ? 'Came from' : 'Led to'}{' '}
          <a data-row href={href}>
            {words}
          </a>
        </h2>
        <p class="muted">
          {namedWords(of)}, {HOW[how]}, by {namedWords(by)}
          {at === undefined ? null : (
            <>
              , <When at={at} />
            </>
          )}
        </p>
      </div>
    </li>
  );
}

function Unread(props: {
  readonly of: readonly StoryUnread[] | undefined;
  readonly what: string;
  readonly name: 'ledSince' | 'fromBefore';
}) {
  const { of = [], what, name } = props;
  if (of.length === 0) return null;
  const times = of.map(({ at }) => at).toSorted();
  const at = name === 'ledSince' ? times[0] : times.at(-1);
  const topics = [...new Set(of.map(each => `${each.of.kind} ${each.of.name}`))].join(', ');
  return (
    <li class="step">
      <Shape tone="warn" />
      <p class="muted">
        {what} in {topics}. <a href={withQuery({ [name]: at })}>Search there</a>
      </p>
    </li>
  );
}

function EventPart({ event }: { readonly event: TopicEvent }) {
  const { type, source, subject, time, key, contentType, bytes, attributes = {}, headers = {}, unreadable } = event;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Key', key ?? 'none'],
    ['Type', type],
    ['Source', source],
    ['Subject', subject],
    ['Time', time],
    ['Content type', contentType],
    ['Size', `${bytes} bytes`],
    ...Object.entries(attributes).map(([name, value]) => [name, String(value)] as const),
  ];
  return (
    <section class="event" aria-label="The event">
      <dl class="facts">
        {facts.map(([name, value]) =>
          value === undefined ? null : (
            <>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </>
          ),
        )}
      </dl>
      <h3>Data</h3>
      {unreadable === undefined ? <Data event={event} /> : <p class="cause">{unreadable}</p>}
      {Object.keys(headers).length === 0 ? null : (
        <details>
          <summary>Headers</summary>
          <JsonTree value={headers} />
        </details>
      )}
    </section>
  );
}

function Data({ event: { data, text, base64, truncated, notShown } }: { readonly event: TopicEvent }) {
  if (notShown !== undefined) return <p>The data is not shown. {notShown}</p>;
  return (
    <>
      {data !== undefined ? (
        <JsonTree value={data} />
      ) : (
        <pre class="cause">{text ?? base64 ?? 'The event has no data.'}</pre>
      )}
      {truncated ? <p class="muted">Only the beginning of the data is shown.</p> : null}
    </>
  );
}
