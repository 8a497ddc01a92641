// Parked keys of one consumer: what is at the head of each, when it is tried again, and the way to
// try it now or to give it up.
import type { ParkedPage as Answer, ParkedKey, ParkedState } from '../../../admin/parked-view.ts';
import { counted } from '../../../core/units/counted.ts';
import { ask } from '../../api/ask.ts';
import { endpoints } from '../../api/endpoints.ts';
import { Badge } from '../../parts/badge.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import type { Tone } from '../../parts/tone.ts';
import { Empty, PageHead, View } from '../../parts/view.tsx';
import { When } from '../../parts/when.tsx';
import { causeWords, namedWords } from '../../parts/words.ts';
import { linkTo, query } from '../../shell/router.ts';
import type { NamedConsumer } from '../consumer.ts';
import { type Choice, type ListFilter, NoConsumer, Notes, useConsumerList } from './consumer-list.tsx';
import { SelectionBar } from './selection-bar.tsx';

const FILTERS = ['key', 'reason', 'text', 'olderThan', 'newerThan'] as const;
const LIMIT = '500';
const TONES: Readonly<Record<ParkedState, Tone>> = { retrying: 'bad', waiting: 'busy', held: 'warn' };

export function ParkedPage() {
  const { consumer, filter, answer, choice } = useConsumerList('parked', FILTERS, LIMIT, (asked, signal) =>
    ask(endpoints.parked, { params: {}, query: asked }, signal),
  );
  if (consumer === undefined) return <NoConsumer />;
  return (
    <>
      <PageHead title={`Parked events of ${namedWords(consumer)}`} over={<a href={linkTo(['failures'])}>Failures</a>} />
      <View of={answer}>{data => <Keys page={data} consumer={consumer} filter={filter} choice={choice} />}</View>
    </>
  );
}

function Keys(props: {
  readonly page: Answer;
  readonly consumer: NamedConsumer;
  readonly filter: ListFilter;
  readonly choice: Choice;
}) {
  const { page, consumer, filter, choice } = props;
  const { items, next, unread = [] } = page;
  const notes = unread.map(({ partition, message }) => `Partition ${partition} could not be read: ${message}`);
  return (
    <>
      {items.length + choice.ids.length === 0 ? null : (
        <SelectionBar
          consumer={consumer}
          choice={choice}
          here={items}
          filter={filter}
          shown={`${next ? 'more than ' : ''}${counted(items.length, 'key')}`}
          actions={['retry-now', 'give-up']}
          mustChoose={query.value.get('choose') === 'rows'}
        />
      )}
      <Notes of={notes} />
      {items.length > 0 ? (
        <Table columns={columnsOf(choice)} rows={items} keyOf={({ id }) => id} />
      ) : (
        <NoKeys isFiltered={Object.keys(filter).length > 0} isWhole={notes.length === 0} />
      )}
      {next ? (
        <p class="banner">The first {items.length} keys are shown. An action on all reaches the others.</p>
      ) : null}
    </>
  );
}

function NoKeys({ isFiltered, isWhole }: { readonly isFiltered: boolean; readonly isWhole: boolean }) {
  const title = isFiltered ? 'No parked event matches' : 'Nothing waits';
  return (
    <Empty title={isWhole ? title : 'None was found in what could be read'}>
      <p>
        {isFiltered || !isWhole ? '' : 'No event of this consumer waits for another attempt. '}
        <a href={linkTo(['failures'])}>Back to all failures</a>
      </p>
    </Empty>
  );
}

function columnsOf(choice: Choice): readonly Column<ParkedKey>[] {
  const shown = ({ key, eventId, id }: ParkedKey) => key ?? eventId ?? id;
  return [
    {
      title: 'Choose',
      head: <span class="unseen">Choose</span>,
      cell: of => (
        <input
          type="checkbox"
          aria-label={`Choose ${shown(of)}`}
          checked={choice.has(of.id)}
          onChange={() => choice.toggle(of.id)}
        />
      ),
    },
    {
      title: 'Key',
      look: 'name',
      cell: of => (
        <a data-row href={linkTo(['find'], { q: of.eventId ?? of.key ?? of.id, namespace: of.consumer.namespace })}>
          {shown(of)}
        </a>
      ),
    },
    { title: 'State', cell: ({ state }) => <Badge tone={TONES[state]} word={state} /> },
    { title: 'Cause', look: 'wide', cell: causeWords },
    { title: 'Events', look: 'number', cell: ({ events }) => events },
    { title: 'Attempts', look: 'number', cell: ({ attempts }) => attempts },
    { title: 'Since', look: 'once', cell: ({ since }) => <When at={since} /> },
    { title: 'Next attempt', look: 'once', cell: ({ nextAttemptAt }) => <When at={nextAttemptAt} /> },
  ];
}
