// Answers "where is order 17?": searches a namespace, shows how far it is, and leads to the one
// event or lists those to choose from.
import { useEffect, useState } from 'preact/hooks';
import type { FoundEvent } from '../../../admin/topic-view.ts';
import { counted } from '../../../core/units/counted.ts';
import { rights } from '../../api/rights.ts';
import { type Column, Table } from '../../parts/table.tsx';
import { Empty, Failed, PageHead } from '../../parts/view.tsx';
import { When } from '../../parts/when.tsx';
import { numberWords } from '../../parts/words.ts';
import { linkTo, navigate, query, withQuery } from '../../shell/router.ts';
import { type Finds, findEvents } from './search.ts';

const WAYS: Readonly<Record<Finds['by'], string>> = { job: 'job', trace: 'trace', id: 'id', key: 'key' };

export function FindPage() {
  const text = query.value.get('q') ?? '';
  const namespace = query.value.get('namespace') ?? 'default';
  const [finds, setFinds] = useState<Finds | undefined>(undefined);
  const [error, setError] = useState<Error | undefined>(undefined);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    const left = new AbortController();
    setFinds(undefined);
    setError(undefined);
    if (text === '') return;
    findEvents(text, namespace, setFinds, left.signal).then(
      ({ found: [first, ...others] }) => {
        if (first !== undefined && others.length === 0) navigate(storyOf(first), 'replace');
      },
      (failed: Error) => {
        if (!left.signal.aborted) setError(failed);
      },
    );
    return () => left.abort();
  }, [text, namespace, tries]);
  return (
    <>
      <PageHead title={text === '' ? 'Find an event' : `Find “${text}”`}>
        <Namespace chosen={namespace} />
      </PageHead>
      {text === '' ? (
        <p class="muted">Type the id of an event, its key, a trace or the id of a job into the field above.</p>
      ) : error !== undefined ? (
        <Failed error={error} again={() => setTries(tries + 1)} />
      ) : (
        <Found finds={finds} text={text} namespace={namespace} />
      )}
    </>
  );
}

/** A job has no story of its own topic; its Queue says how it does. */
function storyOf({ owner, partition, offset }: FoundEvent): string {
  const { kind, namespace, name } = owner;
  return kind === 'Topic'
    ? linkTo(['story', namespace, name, `${partition}-${offset}`])
    : linkTo(['resources', kind, namespace, name]);
}

function Namespace({ chosen }: { readonly chosen: string }) {
  const known = rights.value?.namespaces.map(({ namespace }) => namespace) ?? [];
  const all = [...new Set([chosen, ...known])].toSorted();
  if (all.length < 2) return <p class="muted">in the namespace {chosen}</p>;
  return (
    <label class="muted">
      Namespace{' '}
      <select
        value={chosen}
        onChange={event => navigate(withQuery({ namespace: event.currentTarget.value }), 'replace')}
      >
        {all.map(each => (
          <option key={each} value={each}>
            {each}
          </option>
        ))}
      </select>
    </label>
  );
}

function Found(props: { readonly finds: Finds | undefined; readonly text: string; readonly namespace: string }) {
  const { finds, text, namespace } = props;
  const looked = finds === undefined ? '' : `${numberWords(finds.done)} of ${numberWords(finds.total)}`;
  if (finds === undefined || (!finds.isEnded && finds.found.length === 0))
    return (
      <div role="status" class="section progress">
        <p class="muted">
          {finds === undefined ? 'Searching' : `Searching by ${WAYS[finds.by]}: ${looked} events are done with`}
        </p>
        <progress max={finds?.total || 1} value={finds?.done ?? 0} aria-label="Events that are done with" />
      </div>
    );
  if (finds.found.length === 0)
    return (
      <Empty title="No event has that name">
        <p>
          No Topic or Queue of {namespace} has an event with the id or the key “{text}”. Retention may have taken it, or
          it is in another namespace.
        </p>
      </Empty>
    );
  return (
    <>
      <p class="muted count">
        {counted(finds.found.length, 'event')} with this {WAYS[finds.by]}, the newest first
        {finds.isMore ? '. There may be more, also newer ones: these are the first that were found.' : ''}
      </p>
      <Table
        columns={COLUMNS}
        rows={finds.found}
        keyOf={({ owner, partition, offset }) => `${owner.kind} ${owner.name} ${partition}-${offset}`}
      />
    </>
  );
}

const COLUMNS: readonly Column<FoundEvent>[] = [
  {
    title: 'Event',
    look: 'name',
    cell: event => (
      <a data-row href={storyOf(event)}>
        {event.id ?? `${event.partition}-${event.offset}`}
      </a>
    ),
  },
  { title: 'In', cell: ({ owner }) => `${owner.kind} ${owner.name}` },
  {
    title: 'At',
    look: 'once',
    cell: ({ partition, offset }) => (
      <span class="mono">
        {partition}-{offset}
      </span>
    ),
  },
  { title: 'Key', cell: ({ key }) => key ?? '–' },
  { title: 'Type', cell: ({ type }) => type ?? '–' },
  { title: 'Appended', look: 'once', cell: ({ appendedAt }) => <When at={appendedAt} /> },
];
