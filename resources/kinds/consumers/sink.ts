// The destination of the results of a Pipeline: any target, an archive of files, or a table.
import * as z from 'zod';
import { expression } from '../fields/expression.ts';
import { recordOf } from '../fields/record.ts';
import { exactlyOneOf } from '../fields/rules.ts';
import { targetFields, targetKeys } from '../fields/target.ts';
import { duration, size } from '../fields/units.ts';
import { tableSink } from './table-sink.ts';

const PREFIX_WRONG = 'This must be a path without leading or trailing "/", such as clicks/raw.';

const FOLDER_WRONG =
  'This must be lower-case letters, digits and "_", not begin with a digit, and be no column of archives such as id, date or hour.';

/** Columns of SQL are told apart without their case, so folders have lower case only. */
function folderName() {
  return z
    .string(FOLDER_WRONG)
    .max(32, FOLDER_WRONG)
    .regex(/^[a-z][a-z0-9_]*$/, FOLDER_WRONG)
    .refine(name => !COLUMNS.has(name), FOLDER_WRONG);
}

/** Archives have these columns already, and some words are columns of DuckDB. */
const COLUMNS = new Set(
  'time id source type subject datacontenttype dataschema extensions key data bytes appended partition offset nr date hour filename folders'.split(
    ' ',
  ),
);

const archive = z.strictObject({
  format: z.enum(['parquet', 'jsonl']).prefault('parquet').describe('How events are written.'),
  prefix: z
    .string(PREFIX_WRONG)
    .max(256, PREFIX_WRONG)
    .regex(/^[A-Za-z0-9._=-]+(\/[A-Za-z0-9._=-]+)*$/, PREFIX_WRONG)
    .optional()
    .describe('Folder in the blob store. Without it the name of the pipeline.'),
  partitionBy: z.enum(['day', 'hour']).prefault('day').describe('Stretch of event time that shares a folder.'),
  folders: recordOf(folderName(), expression('event', 'string'), 3)
    .optional()
    .describe(
      'Further folders below those of the time, such as { country: "${event.data.country}" }. Each is a column in SQL. Choose values of which there are few.',
    ),
  roll: z
    .strictObject({
      size: size()
        .prefault('64Mi')
        .describe('A file is closed when its events have this size, in bytes, before they are compressed.'),
      every: duration({ min: '1s', max: '1d' }).prefault('5m').describe('A file is closed after this time.'),
    })
    .prefault({})
    .describe('When a new file begins.'),
  compression: z
    .enum(['none', 'snappy', 'gzip', 'zstd'])
    .prefault('snappy')
    .describe('How files are compressed. JSON lines by gzip or zstd, or not at all.'),
  retention: duration({ min: '1h' }).optional().describe('How long files are kept. Without it for ever.'),
});

export function sink() {
  return exactlyOneOf(
    z.strictObject({
      ...targetFields,
      archive: archive
        .optional()
        .describe('Files in the blob store, each event in exactly one of them; they can be queried with SQL.'),
      postgres: tableSink()
        .optional()
        .describe(
          'A table in Postgres: each event puts, changes or deletes one row. The position is written in the same transaction, so each event counts once.',
        ),
      key: expression('event', 'string')
        .optional()
        .describe('Key of the events that are published. Without it that of the topic.'),
    }),
    [...targetKeys, 'archive', 'postgres'],
  );
}
