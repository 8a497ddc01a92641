// Windows that are open now as tables of SQL: a row for each, with what it has counted so far.
import { toTimestamp } from '../../core/world.ts';
import { MAX_PAGE } from '../../drivers/store/limits.ts';
import type { Tables } from '../../drivers/store/tables.ts';
import { Average, Count, Sum } from '../../worker/aggregates/basic.ts';
import type { Aggregate } from '../../worker/aggregates/compile-aggregate.ts';
import { Distinct } from '../../worker/aggregates/distinct.ts';
import { Percentile } from '../../worker/aggregates/percentile.ts';
import { windowScopeOf } from '../../worker/pipelines/run-window.ts';
import type { WindowStagePlan } from '../../worker/pipelines/topology.ts';
import { decodeWindow } from '../../worker/pipelines/window/open-window.ts';
import { WINDOWS_TABLE } from '../../worker/pipelines/window/window-partition.ts';
import type { PipelinePlan } from '../../worker/plan/compile-pipelines.ts';
import type { SqlColumn } from './messages.ts';
import type { WindowTable } from './sql-tables.ts';

export function windowsOf({ settings }: PipelinePlan): WindowStagePlan[] {
  const { source, windows } = settings.topology;
  return source.kind === 'window' ? [source.window, ...windows] : [...windows];
}

export function toWindowTable(
  { settings }: PipelinePlan,
  name: string,
  { id, plan, partitions }: WindowStagePlan,
  store: Pick<Tables, 'scan'>,
): WindowTable {
  const { namespace, name: pipeline } = settings;
  const columns: SqlColumn[] = [
    ...(plan.keyed ? [{ name: 'key', type: 'VARCHAR' }] : []),
    // "end" is a word of SQL.
    { name: 'starts', type: 'TIMESTAMPTZ' },
    { name: 'ends', type: 'TIMESTAMPTZ' },
    ...plan.aggregates.map(aggregate => ({ name: aggregate.name, type: typeOf(aggregate) })),
  ];
  const rows = async function* (signal: AbortSignal) {
    for (let partition = 0; partition < partitions; partition++) {
      const scope = windowScopeOf(namespace, pipeline, id, partition);
      for (let after: string | undefined; ; ) {
        signal.throwIfAborted();
        const page = await store.scan(scope, WINDOWS_TABLE, { limit: MAX_PAGE, after });
        for (const { value } of page.rows) {
          const { key, start, end, results } = decodeWindow(Buffer.from(value).toString(), plan);
          const counted = plan.aggregates.map((aggregate, index) => [aggregate.name, results[index]?.result()]);
          yield { key, starts: toTimestamp(start), ends: toTimestamp(end), ...Object.fromEntries(counted) };
        }
        after = page.next;
        if (after === undefined) break;
      }
    }
  };
  return { kind: 'window', namespace, name, pipeline, columns, rows };
}

function typeOf({ create }: Aggregate): string {
  const result = create();
  if (result instanceof Count || result instanceof Distinct) return 'BIGINT';
  if (result instanceof Sum || result instanceof Average || result instanceof Percentile) return 'DOUBLE';
  return 'JSON';
}
