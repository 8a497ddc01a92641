// A table of a database as a sink of a Pipeline: one event makes, changes or deletes one row.
import * as z from 'zod';
import { expression } from '../fields/expression.ts';
import { databaseSecret, databaseTimeouts, sqlName, tableName } from '../fields/postgres.ts';
import { recordOf } from '../fields/record.ts';
import { withRule } from '../fields/rules.ts';

const MOST_COLUMNS = 100;
const MOST_KEYS = 16;

export function tableSink() {
  return withRule(
    z.strictObject({
      secret: databaseSecret(),
      table: tableName('shop.orders').describe(
        'The table, with or without its schema. Names count as they are written here, capitals as well. It needs a unique index of exactly the columns of `key`.',
      ),
      key: z
        .array(sqlName())
        .min(1)
        .max(MOST_KEYS)
        .refine(names => new Set(names).size === names.length, 'A column can be in the key once only.')
        .describe('The columns that tell rows apart. Each must be among `columns`, and no value of them may be null.'),
      columns: recordOf(sqlName(), expression('event', 'any'), MOST_COLUMNS).describe(
        'The value of each column, such as { id: "${event.subject}", total: "${event.data.total}" }. Other columns of the row stay as they are. Postgres reads the value as JSON of the type of the column.',
      ),
      delete: expression('event', 'bool')
        .optional()
        .describe('true: the event deletes the row of its key, and only the columns of `key` are evaluated.'),
      positions: tableName('shop.tenfold_positions')
        .prefault('tenfold_positions')
        .describe(
          'The table in which the platform keeps how far it has come. It is made when it is not there and the user may create it.',
        ),
      batch: z.int().min(1).max(5000).prefault(500).describe('The most events of one transaction.'),
      timeouts: databaseTimeouts(),
    }),
    {
      message: 'Each column of `key` must be among `columns`.',
      cel: 'self.key.all(name, name in self.columns)',
      holds: ({ key, columns }) => key.every(name => Object.hasOwn(columns, name)),
      at: 'key',
    },
  );
}
