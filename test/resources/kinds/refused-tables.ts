// Mistakes in the sinks of Pipelines that are tables of databases, and what is said of them.
import type { Refusal, Spec } from './refused-first.ts';

const refused = (name: string, change: (table: Spec) => void, path: string, message: RegExp): Refusal => [
  `a table with ${name}`,
  'Pipeline',
  spec => {
    const table = { secret: 'db', table: 'orders', key: ['id'], columns: { id: '${event.data.id}' } };
    change(table);
    spec.to = [{ postgres: table }];
  },
  `spec.to.0.postgres${path}`,
  message,
];

export const refusedTables: readonly Refusal[] = [
  refused('a name that ends its quotes', table => (table.table = 'orders"; DROP TABLE x'), '.table', /shop\.orders/),
  refused('a name of three parts', table => (table.table = 'a.b.c'), '.table', /a schema and a name/),
  refused('a key that is no column', table => (table.key = ['nr']), '.key', /must be among `columns`/),
  refused('a key twice', table => (table.key = ['id', 'id']), '.key', /once only/),
  refused('no key', table => (table.key = []), '.key', /1/),
  refused('a column of no such name', table => (table.columns['a b'] = '${1}'), '.columns.a b', /Invalid key/),
  refused('a column without an expression', table => (table.columns.x = '${'), '.columns.x', /./),
  refused('a batch of none', table => (table.batch = 0), '.batch', /1/),
  refused(
    'a time limit that is too long',
    table => (table.timeouts = { statement: '1h' }),
    '.timeouts.statement',
    /10m/,
  ),
  refused(
    'the table of positions of no such name',
    table => (table.positions = '1x'),
    '.positions',
    /A name in Postgres/,
  ),
];
