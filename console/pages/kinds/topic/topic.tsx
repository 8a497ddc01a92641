// The page of a Topic says how many events it keeps, how fast they come, and what the newest ones
// say. Each event leads to its story.
import type { TopicReport } from '../../../../admin/event-view.ts';
import type { TopicEvent, TopicLine } from '../../../../admin/topic-view.ts';
import { counted } from '../../../../core/units/counted.ts';
import { ask } from '../../../api/ask.ts';
import { endpoints } from '../../../api/endpoints.ts';
import { allOf } from '../../../api/heard.ts';
import { useLive } from '../../../api/live.ts';
import { Figure } from '../../../parts/figure.tsx';
import { type Column, Table } from '../../../parts/table.tsx';
import { useRate } from '../../../parts/use-rate.ts';
import { Empty, View } from '../../../parts/view.tsx';
import { When } from '../../../parts/when.tsx';
import { numberWords, rateWords } from '../../../parts/words.ts';
import { linkTo, navigate, query, withQuery } from '../../../shell/router.ts';
import type { KindPartProps } from '../kind-props.ts';
import { dataWords, newestFirst, notesOf } from './event-words.ts';
import { LAST, readLast } from './read-last.ts';
import { TopicConsumers } from './topic-consumers.tsx';

const CHOSEN_EVERY_MS = 30_000;

export function TopicPart({ namespace, name }: KindPartProps) {
  const on = { on: allOf({ kind: 'Topic', namespace, name }) };
  const topics = useLive(
    `topic ${namespace}/${name}`,
    signal => ask(endpoints.topics, { params: {}, query: { namespace } }, signal),
    on,
  );
  const [key, filter] = ['key', 'filter'].map(each => query.value.get(each) || undefined);
  const isChosen = (key ?? filter) !== undefined;
  const events = useLive(
    `events of ${namespace}/${name} ${JSON.stringify([key, filter])}`,
    signal => {
      const chosen = { ...(key !== undefined && { key }), ...(filter !== undefined && { filter }) };
      return readLast({ namespace, name }, chosen, signal);
    },
    // Choosing reads through much of the Topic: not at each event.
    isChosen ? { everyMs: CHOSEN_EVERY_MS } : on,
  );
  return (
    <>
      <View of={topics}>
        {({ items }) => {
          const report = items.find(each => each.name === name);
          if (report === undefined) return null;
          return (
            <>
              <Kept of={report} at={topics.at} />
              <TopicConsumers of={report} isKnown={topics.error === undefined} />
            </>
          );
        }}
      </View>
      <section class="section">
        <h2>The newest events</h2>
        <EventFilters keyText={key ?? ''} filter={filter ?? ''} again={events.again} />
        {isChosen ? <p class="muted">They are looked for every 30 s, and when you press the button.</p> : null}
        <View of={events}>
          {lines => <Newest lines={lines} namespace={namespace} topic={name} isFiltered={isChosen} />}
        </View>
      </section>
    </>
  );
}

function Kept({ of, at }: { readonly of: TopicReport; readonly at: number | undefined }) {
  const { there, partitions, events, appended } = of;
  const rate = useRate(appended, at);
  return (
    <section class="section">
      <h2>Kept</h2>
      <dl class="figures">
        <Figure title="Events" value={numberWords(events)} />
        <Figure title="Come in" value={rateWords(rate) ?? 'not known yet'} />
        <Figure title="Partitions" value={numberWords(partitions)} />
      </dl>
      <p>
        <a href={linkTo(['topics', of.namespace, of.name])}>Schema, samples, who sends and who reads</a>
      </p>
      {there ? null : <p class="banner banner-warn">The log has not been able to make it yet.</p>}
    </section>
  );
}

function EventFilters(props: { readonly keyText: string; readonly filter: string; readonly again: () => void }) {
  const { keyText, filter, again } = props;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!(event.currentTarget instanceof HTMLFormElement)) return;
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? '').trim();
    if (text('key') === keyText && text('filter') === filter) again();
    else navigate(withQuery({ key: text('key'), filter: text('filter') }), 'replace');
  };
  return (
    <form key={`${keyText} ${filter}`} class="filters" onSubmit={submit}>
      <label>
        Key
        <input name="key" type="text" spellcheck={false} defaultValue={keyText} />
      </label>
      <label>
        Where this holds
        <input
          name="filter"
          type="text"
          spellcheck={false}
          placeholder="event.data.total > 100"
          defaultValue={filter}
        />
      </label>
      <button type="submit" class="button">
        Look
      </button>
    </form>
  );
}

function Newest(props: {
  readonly lines: readonly TopicLine[];
  readonly namespace: string;
  readonly topic: string;
  readonly isFiltered: boolean;
}) {
  const { lines, namespace, topic, isFiltered } = props;
  const events = newestFirst(lines);
  return (
    <>
      {notesOf(lines).map(note => (
        <p key={note} class="banner banner-warn">
          {note}
        </p>
      ))}
      {events.length > 0 ? (
        <>
          <Table columns={columnsOf(namespace, topic)} rows={events} keyOf={placeOf} />
          {events.length < LAST ? null : (
            <p class="muted">The newest {counted(LAST, 'event')} that match. Search above finds older ones.</p>
          )}
        </>
      ) : isFiltered ? (
        <Empty title="No event matches">
          <p>
            <a href={withQuery({ key: undefined, filter: undefined })}>Show all events</a>
          </p>
        </Empty>
      ) : (
        <Empty title="No event is here">
          <p>They come by routes and Functions that publish here. The graph shows them.</p>
        </Empty>
      )}
    </>
  );
}

function placeOf({ partition, offset }: TopicEvent): string {
  return `${partition}-${offset}`;
}

function columnsOf(namespace: string, topic: string): readonly Column<TopicEvent>[] {
  return [
    {
      title: 'Event',
      look: 'name',
      cell: event => (
        <div>
          <a data-row href={linkTo(['story', namespace, topic, placeOf(event)])}>
            {event.id ?? placeOf(event)}
          </a>
          <div class="faint">{event.type}</div>
        </div>
      ),
    },
    { title: 'Key', cell: ({ key }) => key ?? <span class="faint">none</span> },
    { title: 'Data', look: 'wide', cell: event => <span class="mono">{dataWords(event)}</span> },
    { title: 'Appended', look: 'once', cell: ({ appendedAt }) => <When at={appendedAt} /> },
  ];
}
