// `tenfold sql`: questions to the archives, live windows and Views of a running application.
import { type Command, InvalidArgumentError } from '@commander-js/extra-typings';
import { CommandError } from '../../command-error.ts';
import { parseCount, parseWaitOption } from '../../option-values.ts';
import { outputOption } from '../../output/output-option.ts';
import { namespaceFor, withNamespaceOptions } from '../../platform/platform-options.ts';
import type { Terminal } from '../../terminal.ts';

const EXAMPLES = `
Without a query it lists the tables: one for each archive of a pipeline, all that was ever archived and what came a moment
ago, one for each window, with what is in it now, and one for each View with rows. Queries are those of DuckDB; nothing but
these tables can be read, and nothing written. Ctrl-C ends the query.

Examples:
  $ tenfold sql
  $ tenfold sql "SELECT type, count(*) FROM clickstream GROUP BY type"
  $ tenfold sql "SELECT data->>'page' AS page, count(*) FROM clickstream GROUP BY page" --since 2026-11-01 -o csv
  $ tenfold sql "SELECT value->>'customer' AS customer, count(*) FROM orders_view GROUP BY customer"
  $ tenfold sql - < report.sql`;

export function defineSql(command: Command, terminal: Terminal): void {
  withNamespaceOptions(
    'namespace of the pipelines and Views',
    command
      .argument('[QUERY|-]', 'one SELECT, or - for standard input; lists the tables without it')
      .option('--since <DAY>', 'only events of this day and later ones, e.g. 2026-11-01', parseDay)
      .option('--until <DAY>', 'only events up to this day', parseDay)
      .option('--rows <NUMBER>', 'end after so many rows; without it, more than 10,000 are an error', parseCount)
      .option('--timeout <DURATION>', 'how long at most, up to 10m; 30s by default', parseWaitOption)
      .option('--partial', 'leave out events, windows and rows beyond what a query reads, and say so')
      .option('--leave-out-damaged', 'leave out archive files that are damaged, and say which')
      .addOption(outputOption(['table', 'json', 'csv'], 'table')),
  )
    .addHelpText('after', EXAMPLES)
    .action(async (query, options) => {
      if (query !== undefined && options.allNamespaces) {
        throw new CommandError('usage', 'A query asks the tables of one namespace, and -A is for all of them.', {
          hint: 'name one with --namespace NAME; "tenfold sql -A" lists the tables of all.',
        });
      }
      const [{ findPlatform }, { createAdminClient }] = await Promise.all([
        import('../../platform/find-platform.ts'),
        import('../../platform/admin-client.ts'),
      ]);
      const { since, until, rows, timeout, output, partial, leaveOutDamaged: leaveOut } = options;
      const target = await findPlatform(options, terminal);
      const namespace = namespaceFor(options, target);
      const client = createAdminClient(target);
      if (query === undefined) {
        const { printTables } = await import('../../sql/tables.ts');
        const { items } = await client.sqlTables({ namespace });
        return printTables(items, output, terminal);
      }
      const [{ printSqlAnswer }, { frameOf }] = await Promise.all([
        import('../../sql/print-sql-answer.ts'),
        import('../../sql/frame.ts'),
      ]);
      const sql = query === '-' ? await readAll(terminal.stdin) : query;
      try {
        const question = {
          namespace: namespace ?? 'default',
          sql,
          since,
          until,
          rows,
          timeoutMs: timeout,
          leaveOut,
          partial,
        };
        await printSqlAnswer(client.sql(question), output, terminal);
      } catch (error) {
        const frame = frameOf(sql, error);
        if (frame !== undefined) terminal.say(frame);
        throw error;
      }
    });
}

function parseDay(text: string): string {
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return text;
  throw new InvalidArgumentError('It must be a day, e.g. 2026-11-01.');
}

async function readAll(input: AsyncIterable<Uint8Array | string>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of input) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}
