// Views as tables of SQL: each row of a table or an aggregate, of the generation that serves.
import { TenfoldError } from '../../core/errors.ts';
import { parseExactly } from '../../core/units/whole-numbers.ts';
import { readGenerations } from '../../core/views/view-generations.ts';
import { VIEW_ROWS, viewLayoutOf } from '../../core/views/view-layout.ts';
import type { Store } from '../../drivers/store/store.ts';
import type { Resource } from '../../resources/resource.ts';
import { resourceOfGeneration } from '../../resources/views/generation-resource.ts';
import type { ViewPlan } from '../../worker/plan/compile-views.ts';
import type { SqlColumn } from './messages.ts';
import type { TableSource } from './sql-tables.ts';
import { toTableName } from './tables-of-plan.ts';

type ViewRowStore = Pick<Store, 'position' | 'row' | 'scan'>;

const COLUMNS: readonly SqlColumn[] = [
  { name: 'key', type: 'VARCHAR' },
  { name: 'value', type: 'JSON' },
];
const PAGE_ROWS = 1000;

export function tablesOfViews(views: readonly ViewPlan[], store: ViewRowStore): TableSource[] {
  return views.flatMap((plan): TableSource[] => {
    const { namespace, name } = plan.resource.metadata;
    if (!hasRows(plan.resource)) return [];
    const rows = (signal: AbortSignal) => rowsOf(plan, store, signal);
    return [{ kind: 'view', namespace, name: `${toTableName(name)}_view`, view: name, columns: COLUMNS, rows }];
  });
}

function hasRows({ spec }: Resource<'View'>): boolean {
  return spec.table !== undefined || spec.aggregate !== undefined;
}

async function* rowsOf({ resource, definition }: ViewPlan, store: ViewRowStore, signal: AbortSignal) {
  const { namespace, name } = resource.metadata;
  const { serving } = await readGenerations(store, namespace, name);
  const then = serving && (serving.definition === definition ? resource : resourceOfGeneration(serving));
  if (serving === undefined || then === undefined || !hasRows(then)) {
    const message = `View ${name} is being built. Ask again when it is there.`;
    throw new TenfoldError('not-ready', message, { retryAfterSeconds: 5, reason: 'view.building' });
  }
  const layout = viewLayoutOf(namespace, name, serving.id);
  for (let partition = 0; partition < layout.partitions; partition++) {
    for (let after: string | undefined; ; ) {
      signal.throwIfAborted();
      const page = await store.scan(layout.scopeOf(partition), VIEW_ROWS, { limit: PAGE_ROWS, after });
      for (const { key, value } of page.rows) yield { key, value: parseExactly(Buffer.from(value).toString()) };
      after = page.next;
      if (after === undefined) break;
    }
  }
  // The rows of a generation that is replaced are removed.
  const { serving: now } = await readGenerations(store, namespace, name);
  if (now?.id === serving.id) return;
  const message = `Another generation of View ${name} serves since the query began. Ask again.`;
  throw new TenfoldError('not-ready', message, { retryAfterSeconds: 1, reason: 'view.building' });
}
