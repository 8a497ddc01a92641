// The views that stand for the tables of a query.
import { ARCHIVE_COLUMNS, type ColumnType } from '../../../worker/archive/archive-event.ts';
import type { SqlPart, SqlTable } from '../messages.ts';
import { quoteName, quoteText } from './quote.ts';

const TYPES: Readonly<Record<ColumnType, string>> = {
  text: 'VARCHAR',
  bytes: 'BLOB',
  time: 'TIMESTAMPTZ',
  int32: 'INTEGER',
  int64: 'BIGINT',
};
/** As they stand in JSON lines. */
const JSON_TYPES: Readonly<Record<string, string>> = { data: 'JSON', extensions: 'JSON', bytes: 'VARCHAR' };

export function filesOf(tables: readonly SqlTable[]): string[] {
  return tables.flatMap(({ parts }) => parts.flatMap(part => (part.kind === 'archive' ? part.files : [part.file])));
}

export function tableStatements(tables: readonly SqlTable[]): string[] {
  return tables.map(({ name, parts }) => {
    const selects = parts.filter(part => part.kind !== 'archive' || part.files.length > 0).map(selectOf);
    return `CREATE VIEW ${quoteName(name)} AS ${selects.join(' UNION ALL ')}`;
  });
}

function selectOf(part: SqlPart): string {
  switch (part.kind) {
    case 'archive':
      return part.format === 'parquet' ? selectParquet(part) : selectLines(part);
    case 'tail': {
      const date = `CAST(timezone('UTC', "time") AS DATE) AS "date"`;
      const hour = part.hours ? `, CAST(hour(timezone('UTC', "time")) AS INTEGER) AS "hour"` : '';
      return `SELECT ${columnNames()}, ${date}${hour} FROM read_parquet(${quoteText(part.file)})`;
    }
    case 'rows': {
      const columns = part.columns.map(({ name, type }) => `${quoteText(name)}: ${quoteText(type)}`).join(', ');
      const options = `format = 'newline_delimited', columns = {${columns}}`;
      return `SELECT * FROM read_json(${quoteText(part.file)}, ${options})`;
    }
  }
}

function selectParquet({ files, hours }: { readonly files: readonly string[]; readonly hours: boolean }): string {
  return `SELECT ${columnNames()}, ${folderNames(hours)} FROM read_parquet(${list(files)}, ${folderColumns(hours)})`;
}

function selectLines({ files, hours }: { readonly files: readonly string[]; readonly hours: boolean }): string {
  const columns = ARCHIVE_COLUMNS.map(({ name, type }) => `${quoteText(name)}: '${JSON_TYPES[name] ?? TYPES[type]}'`);
  const selected = ARCHIVE_COLUMNS.map(({ name }) => {
    const column = quoteName(name);
    if (name === 'bytes') return `from_base64(${column}) AS ${column}`;
    return name in JSON_TYPES ? `CAST(${column} AS VARCHAR) AS ${column}` : column;
  });
  const options = `format = 'newline_delimited', columns = {${columns.join(', ')}}, ${folderColumns(hours)}`;
  return `SELECT ${selected.join(', ')}, ${folderNames(hours)} FROM read_json(${list(files)}, ${options})`;
}

function columnNames(): string {
  return ARCHIVE_COLUMNS.map(({ name }) => quoteName(name)).join(', ');
}

function folderNames(hours: boolean): string {
  return hours ? '"date", "hour"' : '"date"';
}

function folderColumns(hours: boolean): string {
  const types = hours ? "{'date': DATE, 'hour': INTEGER}" : "{'date': DATE}";
  return `hive_partitioning = true, hive_types = ${types}`;
}

function list(files: readonly string[]): string {
  return `[${files.map(quoteText).join(', ')}]`;
}
