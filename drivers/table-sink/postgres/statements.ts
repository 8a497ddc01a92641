// The statements that write rows into a table, and the position beside them. All names are quoted,
// and all values are parameters.
import { literal, quotedName, quotedTable } from '../../postgres/names.ts';

export interface SinkTable {
  /** `orders` or `shop.orders`. */
  readonly table: string;
  /** The table of positions, in the same form. */
  readonly positions: string;
  readonly key: readonly string[];
  /** All that are written, with those of the key. */
  readonly columns: readonly string[];
}

export interface Column {
  readonly name: string;
  /** As Postgres writes it. */
  readonly type: string;
}

export interface RowStatements {
  /** `$1`: a JSON list of rows. No two of them may have the same key. */
  readonly put: string;
  /** `$1`: a JSON list of keys. */
  readonly delete: string;
}

/** `known`: all columns that are written. */
export function rowStatementsOf({ table, key, columns }: SinkTable, known: readonly Column[]): RowStatements {
  const to = quotedTable(table);
  const from = (names: readonly string[]) => {
    const types = names.map(name => `${quotedName(name)} ${known.find(column => column.name === name)?.type}`);
    return `json_to_recordset($1::json) AS r(${types.join(', ')})`;
  };
  const list = (names: readonly string[]) => names.map(quotedName).join(', ');
  const others = columns.filter(name => !key.includes(name));
  const sets = others.map(name => `${quotedName(name)} = EXCLUDED.${quotedName(name)}`).join(', ');
  const isOne = key.map(name => `t.${quotedName(name)} = r.${quotedName(name)}`).join(' AND ');
  return {
    put:
      `INSERT INTO ${to} (${list(columns)}) ` +
      `SELECT ${columns.map(name => `r.${quotedName(name)}`).join(', ')} FROM ${from(columns)} ` +
      `ON CONFLICT (${list(key)}) DO ${sets === '' ? 'NOTHING' : `UPDATE SET ${sets}`}`,
    delete: `DELETE FROM ${to} t USING ${from(key)} WHERE ${isOne}`,
  };
}

/** Lists name and type of each column, and whether a row that leaves it out is refused. */
export function describeColumns(table: string): string {
  return (
    'SELECT attname::text, format_type(atttypid, atttypmod), ' +
    "attnotnull AND NOT atthasdef AND attidentity = '' FROM pg_attribute " +
    `WHERE attrelid = to_regclass(${literal(quotedTable(table))}) AND attnum > 0 AND NOT attisdropped ORDER BY attnum`
  );
}

/**
 * `$1`: names of columns. One row where a unique index has exactly them, and all rows of the table.
 */
export function findUniqueIndex(table: string): string {
  return (
    `SELECT 1 FROM pg_index i WHERE indrelid = to_regclass(${literal(quotedTable(table))}) ` +
    'AND indisunique AND indisvalid AND indimmediate AND indpred IS NULL AND indexprs IS NULL ' +
    'AND (SELECT array_agg(attname::text ORDER BY attname) FROM pg_attribute WHERE attrelid = indrelid ' +
    'AND attnum = ANY ((indkey::int2[])[0:indnkeyatts - 1])) = ' +
    '(SELECT array_agg(name ORDER BY name COLLATE "C") FROM unnest($1::text[]) name) LIMIT 1'
  );
}

export interface PositionStatements {
  readonly isThere: string;
  readonly create: string;
  /** `$1` installation, `$2` sink, `$3` partition. */
  readonly take: string;
  /**
   * `$1` to `$3` and `$4` epoch, `$5` the position before, `$6` the new one, `$7` what is noted.
   */
  readonly move: string;
  /** `$1` to `$5`. */
  readonly holds: string;
}

export function positionStatementsOf(positions: string): PositionStatements {
  const table = quotedTable(positions);
  const mine =
    'installation = $1 AND sink = $2 AND partition = $3 AND epoch = $4::bigint AND position IS NOT DISTINCT FROM $5::bigint';
  return {
    isThere: `SELECT to_regclass(${literal(table)}) IS NOT NULL`,
    create:
      `CREATE TABLE ${table} (installation text, sink text, partition int, epoch bigint NOT NULL, position bigint, ` +
      'noted jsonb NOT NULL, changed timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (installation, sink, partition))',
    take:
      `INSERT INTO ${table} AS p (installation, sink, partition, epoch, noted) VALUES ($1, $2, $3, 1, '{}') ` +
      'ON CONFLICT (installation, sink, partition) DO UPDATE SET epoch = p.epoch + 1 ' +
      'RETURNING epoch::text, position::text, noted::text',
    move:
      `UPDATE ${table} SET position = $6::bigint, noted = noted || $7::jsonb, changed = now() ` +
      `WHERE ${mine} RETURNING 1`,
    holds: `SELECT 1 FROM ${table} WHERE ${mine}`,
  };
}
