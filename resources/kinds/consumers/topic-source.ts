// The source of a Topic: where the platform itself reads events and publishes them here.
import * as z from 'zod';
import { databaseSecret, databaseTimeouts, sqlName, tableName } from '../fields/postgres.ts';
import { withRule } from '../fields/rules.ts';
import { duration } from '../fields/units.ts';

const columns = z
  .strictObject({
    id: sqlName()
      .prefault('id')
      .describe('Its text is the id of the event. It must have a unique index of its own, such as a primary key.'),
    order: sqlName()
      .optional()
      .describe('Rows are read in this order. Without it in the order of id, which fits an identity column.'),
    data: sqlName().prefault('data').describe('The data of the event: json, jsonb, or text that holds JSON.'),
    key: sqlName()
      .optional()
      .describe(
        'The key of the event. A row without one is refused. Without the column the key is what the key of the Topic says, else the subject.',
      ),
    type: sqlName()
      .optional()
      .describe('The type of the event. Without the column, or where it is null, the name of the Topic.'),
    subject: sqlName().optional().describe('The subject of the event.'),
    time: sqlName()
      .optional()
      .describe('When it happened, a timestamp; the lag in seconds is known where this column is.'),
    sent: sqlName()
      .optional()
      .describe('Null until the event is in the log, then the time of that: timestamptz. It goes with `after: keep`.'),
  })
  .prefault({});

const postgres = withRule(
  z.strictObject({
    secret: databaseSecret(),
    table: tableName('shop.outbox').describe(
      'The outbox table, with or without its schema. Names count as they are written here, capitals as well.',
    ),
    columns: columns.describe('The columns that the parts of an event come from.'),
    after: z
      .enum(['delete', 'keep'])
      .prefault('delete')
      .describe(
        'What happens to a row whose event is in the log. delete: it is deleted. keep: its column `sent` gets the time.',
      ),
    poll: duration({ min: '50ms', max: '1h' })
      .prefault('500ms')
      .describe('How long the platform waits after it has found no row.'),
    notify: sqlName()
      .optional()
      .describe(
        'A channel that the platform listens to, so that it does not wait for the next look. It needs a connection of its own to Postgres, without a pooler of transactions.',
      ),
    batch: z.int().min(1).max(5000).prefault(500).describe('The most rows of one transaction.'),
    timeouts: databaseTimeouts(),
  }),
  {
    message: '`after: keep` needs `columns.sent`, and `after: delete` does not use it.',
    cel: "(has(self.after) && self.after == 'keep') == (has(self.columns) && has(self.columns.sent))",
    holds: ({ after, columns: { sent } }) => (after === 'keep') === (sent !== undefined),
    at: 'after',
  },
);

export function topicSource() {
  return z
    .strictObject({
      postgres: postgres.describe(
        'An outbox table in Postgres: each row becomes an event. Changes of other tables (logical replication) are not read.',
      ),
    })
    .optional()
    .describe('The platform itself reads events from there and publishes them here.');
}
