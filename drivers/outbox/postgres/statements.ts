// The statements of the reader of an outbox table. All names are quotedName, and all values are
// parameters.
import { literal, quotedName, quotedTable } from '../../postgres/names.ts';

export interface OutboxTable {
  /** `outbox` or `shop.outbox`. */
  readonly table: string;
  readonly columns: {
    readonly id: string;
    readonly order?: string | undefined;
    readonly data: string;
    readonly key?: string | undefined;
    readonly type?: string | undefined;
    readonly subject?: string | undefined;
    readonly time?: string | undefined;
    readonly sent?: string | undefined;
  };
}

export interface Statements {
  /** `$1`: the number of the lock. Whether the table is there, and whether this reader has it. */
  readonly lock: string;
  /** `$1` rows, `$2` bytes together, `$3` bytes of one, `$4` ids that are left out. */
  readonly next: string;
  /** `$1` ids. */
  readonly done: string;
  /** `$1` the most. */
  readonly waiting: string;
}

/** `idType`: as Postgres writes it, so that the index of the ids is used. */
export function statementsOf({ table, columns }: OutboxTable, idType: string): Statements {
  const from = quotedTable(table);
  // Behind its table, no name is taken for one of the columns that the statement gives.
  const column = (name: string) => `o.${quotedName(name)}`;
  const id = column(columns.id);
  const data = `${column(columns.data)}::text`;
  const text = (name: string | undefined) => (name === undefined ? 'NULL::text' : `${column(name)}::text`);
  const { time, sent } = columns;
  const ms = time === undefined ? 'NULL::float8' : `(extract(epoch FROM ${column(time)}) * 1000)::float8`;
  const unsent = sent === undefined ? 'TRUE' : `${column(sent)} IS NULL`;
  const order = columns.order === undefined ? id : `${column(columns.order)}, ${id}`;
  const isOne = `${id} = ANY($1::${idType}[])`;
  return {
    // The lock belongs to the transaction: it ends with it, however the reader ends. It is one of
    // the table, so two installations do not read the same rows either.
    lock: `SELECT t::oid IS NOT NULL, pg_try_advisory_xact_lock($1::int4, t::oid::int4) FROM to_regclass(${literal(from)}) t`,
    // The inner part ends with LIMIT, so the text of the data is made once.
    next:
      'SELECT id, key, type, subject, ms, CASE WHEN size <= $3 THEN data END, size, age FROM (' +
      'SELECT *, sum(least(size, $3)) OVER (ORDER BY place) - least(size, $3) AS before FROM (' +
      'SELECT *, coalesce(octet_length(data), 0)::float8 AS size FROM (' +
      `SELECT ${id}::text AS id, ${text(columns.key)} AS key, ${text(columns.type)} AS type, ` +
      `${text(columns.subject)} AS subject, ${ms} AS ms, ${data} AS data, ` +
      `row_number() OVER (ORDER BY ${order}) AS place, ` +
      `extract(epoch FROM clock_timestamp())::float8 * 1000 - ${ms} AS age ` +
      `FROM ${from} o WHERE ${unsent} AND NOT (${id} = ANY($4::${idType}[])) ORDER BY ${order} LIMIT $1` +
      ') listed) sized) added WHERE before < $2 ORDER BY place',
    done:
      sent === undefined
        ? `DELETE FROM ${from} o WHERE ${isOne}`
        : `UPDATE ${from} o SET ${quotedName(sent)} = now() WHERE ${isOne}`,
    waiting: `SELECT count(*)::float8 FROM (SELECT 1 FROM ${from} o WHERE ${unsent} LIMIT $1) listed`,
  };
}

/** The columns with their types, whether each is unique alone, and whether each row has it. */
export function describeTable(table: string): string {
  return (
    'SELECT attname::text, format_type(atttypid, atttypmod), EXISTS (SELECT 1 FROM pg_index ' +
    'WHERE indrelid = attrelid AND indisunique AND indisvalid AND indpred IS NULL AND indnkeyatts = 1 ' +
    'AND indkey[0] = attnum), attnotnull FROM pg_attribute ' +
    `WHERE attrelid = to_regclass(${literal(quotedTable(table))}) AND attnum > 0 AND NOT attisdropped ORDER BY attnum`
  );
}
