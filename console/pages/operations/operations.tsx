// Lists the operations of the platform, the newest first, so that one is found again tomorrow.
import type { OperationReport } from '../../../admin/commands/operation-view.ts';
import { ask } from '../../api/ask.ts';
import { endpoints } from '../../api/endpoints.ts';
import { wholeOf } from '../../api/heard.ts';
import { useLive } from '../../api/live.ts';
import { Badge } from '../../parts/badge.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { Empty, PageHead, View } from '../../parts/view.tsx';
import { When } from '../../parts/when.tsx';
import { namedWords, numberWords } from '../../parts/words.ts';
import { linkTo, query } from '../../shell/router.ts';
import { actionWords, toneOf } from './action-words.ts';

const LIMIT = '100';

export function OperationsPage() {
  const after = query.value.get('after') ?? undefined;
  const operations = useLive(
    `operations ${after}`,
    signal => ask(endpoints.operations, { params: {}, query: { limit: LIMIT, after } }, signal),
    { on: wholeOf('operation') },
  );
  return (
    <>
      <PageHead title="Operations" />
      <View of={operations}>
        {({ items, next }) =>
          items.length === 0 ? (
            <Empty title="No operation was planned">
              <p>
                Redriving, purging or retrying many events is an operation. Begin with{' '}
                <a href={linkTo(['failures'])}>what has failed</a>.
              </p>
            </Empty>
          ) : (
            <>
              <Table columns={COLUMNS} rows={items} keyOf={({ id }) => id} />
              {next === undefined ? null : (
                <a class="button" href={linkTo(['operations'], { after: next })}>
                  Show older ones
                </a>
              )}
            </>
          )
        }
      </View>
    </>
  );
}

const COLUMNS: readonly Column<OperationReport>[] = [
  {
    title: 'Operation',
    look: 'name',
    cell: ({ id, action, total, consumer }) => (
      <a data-row href={linkTo(['operations', consumer.namespace, id])}>
        {actionWords[action].title} {numberWords(total)}
      </a>
    ),
  },
  { title: 'State', look: 'once', cell: of => <Badge tone={toneOf(of)} word={of.state} /> },
  { title: 'Consumer', cell: ({ consumer }) => namedWords(consumer) },
  { title: 'Done', look: 'number', cell: ({ done }) => numberWords(done) },
  { title: 'Refused', look: 'number', cell: ({ refused }) => numberWords(refused) },
  { title: 'In doubt', look: 'number', cell: ({ inDoubt }) => numberWords(inDoubt) },
  { title: 'Planned', look: 'once', cell: ({ plannedAt }) => <When at={plannedAt} /> },
];
