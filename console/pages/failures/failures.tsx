// Answers "what failed in the night?": dead letters and parked keys by cause, with filters that are
// in the address.
import { failuresOf } from '../../api/heard.ts';
import { useLive } from '../../api/live.ts';
import { Badge } from '../../parts/badge.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { Empty, PageHead, View } from '../../parts/view.tsx';
import { When } from '../../parts/when.tsx';
import { namedWords, numberWords } from '../../parts/words.ts';
import { linkTo, navigate, query, withQuery } from '../../shell/router.ts';
import { consumerIn, type NamedConsumer, partsOf } from '../consumer.ts';
import { type FailureFilter, type Failures, type LetterGroup, loadFailures } from './load-failures.ts';
import { type ParkedGroup, parkedQuery } from './parked-groups.ts';

export function FailuresPage() {
  const said = query.value;
  const filter: FailureFilter = {
    consumer: consumerIn(said),
    text: said.get('text') ?? undefined,
    newerThan: said.get('newerThan') ?? undefined,
  };
  const failures = useLive(`failures ${JSON.stringify(filter)}`, signal => loadFailures(filter, signal), {
    on: failuresOf(filter.consumer),
  });
  return (
    <>
      <PageHead title="Failures" />
      <View of={failures}>
        {data => (
          <>
            <Filters consumers={data.consumers} filter={filter} />
            <Found of={data} filter={filter} />
          </>
        )}
      </View>
    </>
  );
}

function Found({ of, filter }: { readonly of: Failures; readonly filter: FailureFilter }) {
  const { letters, parked, notes } = of;
  const isFiltered = filter.consumer !== undefined || filter.text !== undefined || filter.newerThan !== undefined;
  if (letters.length + parked.length === 0 && notes.length === 0)
    return isFiltered ? (
      <Empty title="Nothing that failed matches">
        <p>
          <a href={linkTo(['failures'])}>Show all failures</a>
        </p>
      </Empty>
    ) : (
      <Empty title="Nothing has failed">
        <p>No event was given up, and none waits for another attempt.</p>
      </Empty>
    );
  return (
    <>
      {notes.map(note => (
        <p key={note} class="banner banner-warn">
          {note}
        </p>
      ))}
      {letters.length === 0 ? null : <Letters groups={letters} filter={filter} />}
      {parked.length === 0 ? null : <Parked groups={parked} filter={filter} />}
    </>
  );
}

function Filters(props: { readonly consumers: readonly NamedConsumer[]; readonly filter: FailureFilter }) {
  const { consumers, filter } = props;
  const all = consumers.map(each => JSON.stringify(partsOf(each)));
  const chosen = filter.consumer === undefined ? '' : JSON.stringify(partsOf(filter.consumer));
  const choose = (value: string) => {
    const named = value === '' ? { kind: undefined, namespace: undefined, name: undefined } : JSON.parse(value);
    navigate(withQuery(named), 'replace');
  };
  return (
    <form class="filters" onSubmit={event => event.preventDefault()}>
      <label>
        Consumer
        <select value={chosen} onChange={event => choose(event.currentTarget.value)}>
          <option value="">all</option>
          {(chosen === '' || all.includes(chosen) ? all : [chosen, ...all]).map(value => (
            <option key={value} value={value}>
              {namedWords(JSON.parse(value))}
            </option>
          ))}
        </select>
      </label>
      <label>
        Cause mentions
        <input
          type="text"
          value={filter.text ?? ''}
          onChange={event => navigate(withQuery({ text: event.currentTarget.value.trim() }), 'replace')}
        />
      </label>
      <label>
        Since
        <select
          value={filter.newerThan ?? ''}
          onChange={event => navigate(withQuery({ newerThan: event.currentTarget.value }), 'replace')}
        >
          <option value="">ever</option>
          <option value="1h">the last hour</option>
          <option value="12h">the last 12 hours</option>
          <option value="1d">the last day</option>
          <option value="7d">the last week</option>
        </select>
      </label>
    </form>
  );
}

function Letters({ groups, filter }: { readonly groups: readonly LetterGroup[]; readonly filter: FailureFilter }) {
  const { newerThan } = filter;
  const columns: readonly Column<LetterGroup>[] = [
    {
      title: 'Cause',
      look: 'wide',
      cell: ({ id, cause, consumer }) => (
        <a data-row href={linkTo(['failures', 'letters'], { ...consumer, group: id, newerThan })}>
          {cause}
        </a>
      ),
    },
    { title: 'Consumer', cell: ({ consumer }) => namedWords(consumer) },
    { title: 'Events', look: 'number', cell: ({ count }) => numberWords(count) },
    { title: 'First', look: 'once', cell: ({ first }) => <When at={first} /> },
    { title: 'Last', look: 'once', cell: ({ last }) => <When at={last} /> },
  ];
  return (
    <section class="section">
      <h2>Given up</h2>
      <Table columns={columns} rows={groups} keyOf={({ consumer, id }) => JSON.stringify([consumer, id])} />
    </section>
  );
}

function Parked({ groups, filter }: { readonly groups: readonly ParkedGroup[]; readonly filter: FailureFilter }) {
  const { newerThan } = filter;
  const columns: readonly Column<ParkedGroup>[] = [
    {
      title: 'Cause',
      look: 'wide',
      cell: group => (
        <a data-row href={linkTo(['failures', 'parked'], parkedQuery(group, newerThan))}>
          {group.cause}
        </a>
      ),
    },
    { title: 'Consumer', cell: ({ consumer }) => namedWords(consumer) },
    { title: 'Keys', look: 'number', cell: ({ keys }) => numberWords(keys) },
    { title: 'Events', look: 'number', cell: ({ events }) => numberWords(events) },
    { title: 'Since', look: 'once', cell: ({ since }) => <When at={since} /> },
    {
      title: 'Next attempt',
      look: 'once',
      cell: ({ isHeld, nextAttemptAt }) =>
        isHeld ? <Badge tone="warn" word="held for a person" /> : <When at={nextAttemptAt} />,
    },
  ];
  return (
    <section class="section">
      <h2>Waiting for another attempt</h2>
      <Table columns={columns} rows={groups} keyOf={({ since: _, ...group }) => JSON.stringify(group)} />
    </section>
  );
}
