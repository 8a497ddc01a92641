// Dead letters of one consumer, or of one cause: each with its event, and what is done about some
// or all of them.
import type { DeadLetterPage, DeadLetterSummary } from '../../../admin/commands/dead-letter-view.ts';
import { counted } from '../../../core/units/counted.ts';
import { ask } from '../../api/ask.ts';
import { endpoints } from '../../api/endpoints.ts';
import { type Column, Table } from '../../parts/table.tsx';
import { Empty, PageHead, View } from '../../parts/view.tsx';
import { When } from '../../parts/when.tsx';
import { causeWords, namedWords } from '../../parts/words.ts';
import { linkTo, navigate, query, withQuery } from '../../shell/router.ts';
import type { NamedConsumer } from '../consumer.ts';
import { type Choice, type ListFilter, NoConsumer, Notes, useConsumerList } from './consumer-list.tsx';
import { LetterDialog } from './letter-dialog.tsx';
import { SelectionBar } from './selection-bar.tsx';

const FILTERS = ['key', 'reason', 'group', 'text', 'olderThan', 'newerThan'] as const;
const STEP = 100;
const MOST = 1000;

export function LettersPage() {
  const { consumer, filter, answer, choice } = useConsumerList('letters', FILTERS, String(STEP), (asked, signal) =>
    ask(endpoints.deadLetters, { params: {}, query: asked }, signal),
  );
  const letter = query.value.get('letter');
  if (consumer === undefined) return <NoConsumer />;
  return (
    <>
      <PageHead title={`Dead letters of ${namedWords(consumer)}`} over={<a href={linkTo(['failures'])}>Failures</a>} />
      <View of={answer}>{data => <Letters page={data} consumer={consumer} filter={filter} choice={choice} />}</View>
      {letter ? (
        <LetterDialog
          consumer={consumer}
          id={letter}
          close={() => navigate(withQuery({ letter: undefined }), 'replace')}
        />
      ) : null}
    </>
  );
}

function Letters(props: {
  readonly page: DeadLetterPage;
  readonly consumer: NamedConsumer;
  readonly filter: ListFilter;
  readonly choice: Choice;
}) {
  const { page, consumer, filter, choice } = props;
  const { items, next, later, omitted } = page;
  const hasHeld = items.some(({ held }) => held);
  const notes = [
    ...(later ? [`A later release has written ${later} more, which this one cannot read.`] : []),
    ...(omitted ? [`${omitted} older ones are beyond what a list reaches.`] : []),
  ];
  return (
    <>
      {items.length + choice.ids.length === 0 ? null : (
        <SelectionBar
          consumer={consumer}
          choice={choice}
          here={items}
          filter={filter}
          shown={`${next ? 'more than ' : ''}${counted(items.length, 'event')}`}
          actions={hasHeld ? ['redrive', 'skip', 'purge'] : ['redrive', 'purge']}
        />
      )}
      <Notes of={notes} />
      {items.length > 0 ? (
        <Table columns={columnsOf(choice)} rows={items} keyOf={({ id }) => id} />
      ) : (
        <NoLetters isFiltered={Object.keys(filter).length > 0} />
      )}
      {next === undefined ? null : items.length < MOST ? (
        <a class="button" href={withQuery({ limit: String(Math.min(MOST, items.length * 4)) })}>
          Show more
        </a>
      ) : (
        <p class="banner">The first {MOST} are shown. An action on all that match reaches the others, too.</p>
      )}
    </>
  );
}

function NoLetters({ isFiltered }: { readonly isFiltered: boolean }) {
  return (
    <Empty title={isFiltered ? 'No dead letter matches' : 'None are left'}>
      <p>
        <a href={linkTo(['failures'])}>Back to all failures</a>, or see{' '}
        <a href={linkTo(['operations'])}>what operations came to</a>.
      </p>
    </Empty>
  );
}

function columnsOf(choice: Choice): readonly Column<DeadLetterSummary>[] {
  return [
    {
      title: 'Choose',
      head: <span class="unseen">Choose</span>,
      cell: ({ id, eventId }) => (
        <input
          type="checkbox"
          aria-label={`Choose ${eventId ?? id}`}
          checked={choice.has(id)}
          onChange={() => choice.toggle(id)}
        />
      ),
    },
    {
      title: 'Event',
      look: 'name',
      cell: ({ id, eventId, eventType }) => (
        <div>
          <a data-row href={withQuery({ letter: id })}>
            {eventId ?? id}
          </a>
          <div class="faint">{eventType}</div>
        </div>
      ),
    },
    { title: 'Key', cell: ({ key }) => (key === null ? <span class="faint">none</span> : key) },
    {
      title: 'Cause',
      look: 'wide',
      cell: letter => (
        <div>
          {causeWords(letter)}
          {letter.held ? <div class="warn">its key waits for a person</div> : null}
          {letter.redriven > 0 ? <div class="faint">redriven {letter.redriven} ×</div> : null}
        </div>
      ),
    },
    { title: 'Attempts', look: 'number', cell: ({ attempts }) => attempts },
    { title: 'Given up', look: 'once', cell: ({ at }) => <When at={at} /> },
  ];
}
