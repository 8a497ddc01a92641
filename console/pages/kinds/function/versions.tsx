// The versions of a Function: the newest, and those before it that still have instances or calls.
import type { FunctionDetail } from '../../../../admin/api.ts';
import { type Column, Table } from '../../../parts/table.tsx';
import { When } from '../../../parts/when.tsx';
import { numberWords } from '../../../parts/words.ts';

type FunctionVersion = NonNullable<FunctionDetail['versions']>[number];
type Row = FunctionVersion & { readonly place: number };

export function Versions({ of }: { readonly of: readonly FunctionVersion[] }) {
  const rows = of.map((version, place) => ({ ...version, place }));
  const has = (name: keyof FunctionVersion) => of.some(each => each[name] !== undefined);
  const columns: readonly Column<Row>[] = [
    { title: 'Version', look: 'name', cell: ({ isNewest }) => (isNewest ? 'newest' : 'earlier') },
    ...COLUMNS.flatMap(({ of: name, ...column }) => (has(name) ? [column] : [])),
  ];
  return (
    <section class="section">
      <h2>Versions</h2>
      <Table columns={columns} rows={rows} keyOf={({ place }) => String(place)} />
    </section>
  );
}

const COLUMNS: readonly (Column<Row> & { readonly of: keyof FunctionVersion })[] = [
  { of: 'image', title: 'Image', cell: ({ image }) => <span class="mono">{image ?? '–'}</span> },
  { of: 'revision', title: 'Revision', cell: ({ revision }) => <span class="mono">{revision ?? '–'}</span> },
  { of: 'since', title: 'Runs since', cell: ({ since }) => <When at={since} /> },
  {
    of: 'percent',
    title: 'Share of the calls',
    look: 'number',
    cell: ({ percent }) => (percent === undefined ? '–' : `${percent}%`),
  },
  {
    of: 'instances',
    title: 'Instances',
    look: 'number',
    cell: ({ instances }) => (instances === undefined ? '–' : numberWords(instances)),
  },
];
