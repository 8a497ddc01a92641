// Says which names may stand at a place of a query: columns and tables, and words of SQL.
import type { SqlTableReport } from '../../../admin/sql-view.ts';

export interface Completion {
  /** The text that it replaces begins here. */
  readonly from: number;
  readonly choices: readonly NameChoice[];
}

export interface NameChoice {
  /** The text as the query writes it. */
  readonly text: string;
  readonly is: 'table' | 'column' | 'word';
  /** The type of a column, or what a table is of. */
  readonly of: string;
}

const WORDS =
  'SELECT FROM WHERE GROUP BY ORDER LIMIT HAVING JOIN LEFT ON USING AS AND OR NOT IN IS NULL LIKE BETWEEN CASE WHEN THEN ELSE END DISTINCT UNION ALL WITH ASC DESC QUALIFY OVER PARTITION count sum avg min max date_trunc quantile_cont'.split(
    ' ',
  );
const PLAIN = /^[a-z_][a-z0-9_]*$/;
const AFTER_TABLE_WORD = /\b(from|join)\s+"?\w*$/i;

/** `always`: also where nothing of a name is written yet. */
export function completionAt(
  sql: string,
  caret: number,
  tables: readonly SqlTableReport[],
  always = false,
): Completion | undefined {
  const before = sql.slice(0, caret);
  const [, owner, quote = '', word = ''] = /(?:"?([\w-]+)"?\.)?("?)([\w-]*)$/.exec(before) ?? [];
  if (!always && word === '' && owner === undefined) return undefined;
  // No name stands within a text, and none is behind a digit.
  if (/^\d/.test(word) || (before.match(/'/g) ?? []).length % 2 === 1) return undefined;
  const named = tables.find(({ name }) => name === owner || name === `"${owner}"`);
  if (owner !== undefined && named === undefined) return undefined;
  const mentioned = tables.filter(({ name }) => sql.includes(name));
  const isTable = AFTER_TABLE_WORD.test(before);
  const all = named
    ? columnsOf([named])
    : isTable
      ? tables.map(tableChoice)
      : [...columnsOf(mentioned), ...tables.map(tableChoice), ...words(quote)];
  const start = word.toLowerCase();
  const choices = all.filter(({ text }) => bare(text).toLowerCase().startsWith(start));
  const [only, ...others] = choices;
  if (only === undefined || (others.length === 0 && bare(only.text) === word)) return undefined;
  return { from: caret - word.length - quote.length, choices };
}

function columnsOf(tables: readonly SqlTableReport[]): NameChoice[] {
  const found = new Map<string, NameChoice>();
  for (const { columns } of tables)
    for (const { name, type } of columns) found.set(name, { text: quoted(name), is: 'column', of: type });
  return [...found.values()];
}

function tableChoice({ name, kind, pipeline, view }: SqlTableReport): NameChoice {
  return { text: name, is: 'table', of: view ? `View ${view}` : `${kind} of ${pipeline}` };
}

function words(quote: string): NameChoice[] {
  return quote === '' ? WORDS.map(text => ({ text, is: 'word', of: '' })) : [];
}

function bare(text: string): string {
  return text.replaceAll('"', '');
}

/** Other names than plain ones stand in quotes in SQL, and so do its own words. */
function quoted(name: string): string {
  const isWord = WORDS.some(word => word.toLowerCase() === name);
  return PLAIN.test(name) && !isWord && name !== 'offset' ? name : `"${name.replaceAll('"', '""')}"`;
}
