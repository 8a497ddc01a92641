// The items of a FanOut's job that took longest, as far as processes remember that.
import type { JobItems, TimedItem } from '../../../../admin/story-view.ts';
import { counted } from '../../../../core/units/counted.ts';
import { type Column, Table } from '../../../parts/table.tsx';
import { When } from '../../../parts/when.tsx';
import { numberWords } from '../../../parts/words.ts';

const COLUMNS: readonly Column<TimedItem>[] = [
  { title: 'Item', look: 'number', cell: ({ index }) => numberWords(index) },
  { title: 'Took', look: 'number', cell: ({ took }) => `${numberWords(took.ms)} ms` },
  { title: 'Together with', look: 'once', cell: ({ took: { together = 1 } }) => othersWords(together - 1) },
  { title: 'Attempt', look: 'number', cell: ({ took }) => took.attempt },
  { title: 'From', look: 'once', cell: ({ took }) => <When at={took.startedAt} /> },
  { title: 'Measured by', look: 'wide', cell: ({ took }) => took.host },
];

export function SlowestItems({ items }: { readonly items: JobItems | undefined }) {
  const { slowest = [], timed = 0 } = items ?? {};
  if (slowest.length === 0) return null;
  return (
    <>
      <h3>What took longest</h3>
      <Table columns={COLUMNS} rows={slowest} keyOf={({ index }) => String(index)} />
      <p class="muted">Processes remember the time of {counted(timed, 'item')}.</p>
    </>
  );
}

function othersWords(others: number): string {
  return others === 0 ? 'no other' : counted(others, 'other');
}
