// Fields about a database in Postgres: names in it, the Secret with its address, and time limits.
import * as z from 'zod';
import { withMarks } from './marks.ts';
import { externalReference } from './names.ts';
import { duration } from './units.ts';

const NAME = '[A-Za-z_][A-Za-z0-9_$]{0,62}';
const NAME_WRONG =
  'A name in Postgres has letters, digits, "_" and "$" here, does not begin with a digit, and has at most 63 characters.';

export function sqlName() {
  return withMarks(
    z
      .string(NAME_WRONG)
      .max(63, NAME_WRONG)
      .regex(new RegExp(`^${NAME}$`), NAME_WRONG),
    {
      typeName: 'name in Postgres',
    },
  );
}

/** `example`: with a schema. */
export function tableName(example: string) {
  const wrong = `A table is a name, or a schema and a name as in ${example}. ${NAME_WRONG}`;
  const form = new RegExp(`^${NAME}(\\.${NAME})?$`);
  return withMarks(z.string(wrong).max(127, wrong).regex(form, wrong), {
    typeName: 'table in Postgres',
  });
}

export function databaseSecret() {
  return externalReference('Secret').describe(
    'Secret with the key url, such as postgres://user:password@db:5432/shop?sslmode=verify-full, or uri in its place; and ca, the certificates by which the server is checked. The platform reads the Secret again for each connection.',
  );
}

export function databaseTimeouts() {
  return z
    .strictObject({
      connect: duration({ min: '100ms', max: '1m' }).prefault('5s').describe('Longest time to open a connection.'),
      statement: duration({ min: '100ms', max: '10m' }).prefault('30s').describe('Longest time of one statement.'),
    })
    .prefault({})
    .describe('Time limits.');
}
