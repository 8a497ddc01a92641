// The views that stand for the tables of a query.
import { ARCHIVE_COLUMNS, type ColumnType } from '../../../worker/archive/archive-event.ts';
import { NO_VALUE } from '../../../worker/archive/layout.ts';
import { DAMAGED, type SqlPart, type SqlTable } from '../messages.ts';
import { quoteName, quoteText } from './quote.ts';

const TYPES: Readonly<Record<ColumnType, string>> = {
  text: 'VARCHAR',
  bytes: 'BLOB',
  time: 'TIMESTAMPTZ',
  int32: 'INTEGER',
  int64: 'BIGINT',
};
/** The types in JSON lines. */
const JSON_TYPES: Readonly<Record<string, string>> = { data: 'JSON', extensions: 'JSON', bytes: 'VARCHAR' };

const NO_DATA = ['CAST(NULL AS VARCHAR) AS "data"', 'CAST(NULL AS BLOB) AS "bytes"'];
const HOUR_OF_TIME = `CAST(hour(timezone('UTC', "time")) AS INTEGER) AS "hour"`;

export function filesOf(tables: readonly SqlTable[]): string[] {
  return tables.flatMap(({ parts }) => parts.flatMap(filesOfPart));
}

function filesOfPart(part: SqlPart): readonly string[] {
  if (part.kind === 'damaged') return [];
  return part.kind === 'archive' ? part.files : [part.file];
}

export function tableStatements(tables: readonly SqlTable[]): string[] {
  return tables.map(({ name, parts, withoutData }) => {
    const selects = parts.filter(part => part.kind !== 'archive' || part.files.length > 0).map(selectOf);
    const all = selects.join(' UNION ALL ');
    const hidden = [...NO_DATA, ...foldersOf(parts).map(folder => `CAST(NULL AS VARCHAR) AS ${quoteName(folder)}`)];
    const shown = withoutData ? `SELECT * REPLACE (${hidden.join(', ')}) FROM (${all})` : all;
    return `CREATE VIEW ${quoteName(name)} AS ${shown}`;
  });
}

/** Folders are made of data, so they are hidden with them. */
function foldersOf(parts: readonly SqlPart[]): readonly string[] {
  const tail = parts.find(part => part.kind === 'tail');
  return tail?.kind === 'tail' ? tail.folders : [];
}

function selectOf(part: SqlPart): string {
  switch (part.kind) {
    case 'archive':
      return part.format === 'parquet' ? selectParquet(part) : selectLines(part);
    case 'tail': {
      const date = `CAST(timezone('UTC', "time") AS DATE) AS "date"`;
      const hour = part.hours ? `, ${HOUR_OF_TIME}` : '';
      const folders = valuesIn(part.folders, `'/' || "folders" || '/'`);
      return `SELECT ${columnNames()}, ${date}${hour}${folders} FROM read_parquet(${quoteText(part.file)})`;
    }
    case 'damaged':
      return selectDamaged(part);
    case 'rows': {
      const columns = part.columns.map(({ name, type }) => `${quoteText(name)}: ${quoteText(type)}`).join(', ');
      const options = `format = 'newline_delimited', columns = {${columns}}`;
      return `SELECT * FROM read_json(${quoteText(part.file)}, ${options})`;
    }
  }
}

/**
 * A row of which only the day is known: a query that needs more of it fails with the message.
 * DuckDB does not evaluate `error` ahead of time, and leaves out the whole part when the query does
 * not ask for its constant day.
 */
function selectDamaged({ message, date, hour, hours, folders }: Extract<SqlPart, { kind: 'damaged' }>): string {
  const failing = `error(${quoteText(DAMAGED + message)})`;
  const columns = ARCHIVE_COLUMNS.map(({ name, type }) => `CAST(${failing} AS ${TYPES[type]}) AS ${quoteName(name)}`);
  const ofHour = hour === undefined ? `CAST(${failing} AS INTEGER)` : String(hour);
  const values = folders.map(
    ({ name, value }) => `CAST(${value === undefined ? 'NULL' : quoteText(value)} AS VARCHAR) AS ${quoteName(name)}`,
  );
  const place = [`DATE ${quoteText(date)} AS "date"`, ...(hours ? [`${ofHour} AS "hour"`] : []), ...values];
  return `SELECT ${[...columns, ...place].join(', ')} WHERE ${failing} IS NULL`;
}

type ArchivePart = Extract<SqlPart, { kind: 'archive' }>;

function selectParquet(part: ArchivePart): string {
  return `SELECT ${columnNames()}, ${folderNames(part)} FROM read_parquet(${list(part.files)}, ${folderColumns(part)})`;
}

function selectLines(part: ArchivePart): string {
  const columns = ARCHIVE_COLUMNS.map(({ name, type }) => `${quoteText(name)}: '${JSON_TYPES[name] ?? TYPES[type]}'`);
  const selected = ARCHIVE_COLUMNS.map(({ name }) => {
    const column = quoteName(name);
    if (name === 'bytes') return `from_base64(${column}) AS ${column}`;
    return name in JSON_TYPES ? `CAST(${column} AS VARCHAR) AS ${column}` : column;
  });
  const options = `format = 'newline_delimited', columns = {${columns.join(', ')}}, ${folderColumns(part)}`;
  return `SELECT ${selected.join(', ')}, ${folderNames(part)} FROM read_json(${list(part.files)}, ${options})`;
}

function columnNames(): string {
  return ARCHIVE_COLUMNS.map(({ name }) => quoteName(name)).join(', ');
}

/**
 * Files of an earlier definition may be in folders of days where the newer are in those of
 * hours, or the other way round.
 */
function folderNames({ hours, byHour, folders }: ArchivePart): string {
  const values = valuesIn(folders, 'filename');
  if (!hours) return `"date"${values}`;
  return `${byHour ? '"date", "hour"' : `"date", ${HOUR_OF_TIME}`}${values}`;
}

/**
 * The values of folders in a path, which are percent-encoded there. A value that is not there is
 * NULL.
 */
function valuesIn(folders: readonly string[], path: string): string {
  return folders
    .map(name => {
      const value = `url_decode(regexp_extract(${path}, '/${name}=([^/]*)/', 1))`;
      return `, CASE WHEN ${value} IN ('', ${quoteText(NO_VALUE)}) THEN NULL ELSE ${value} END AS ${quoteName(name)}`;
    })
    .join('');
}

function folderColumns({ byHour }: ArchivePart): string {
  const types = byHour ? "{'date': DATE, 'hour': INTEGER}" : "{'date': DATE}";
  return `filename = true, hive_partitioning = true, hive_types = ${types}`;
}

function list(files: readonly string[]): string {
  return `[${files.map(quoteText).join(', ')}]`;
}
