// How `tenfold cache` prints what the admin API answers.
import type { CacheReport, PurgeReport, RouteCacheView } from '../../admin/policy-view.ts';
import { counted } from '../../core/units/counted.ts';
import { renderData } from '../output/render.ts';
import { type Column, renderTable } from '../output/table.ts';
import type { Terminal } from '../terminal.ts';

type Format = 'table' | 'json' | 'yaml';

export function showCache(
  report: CacheReport,
  format: Format,
  { out, columns }: Pick<Terminal, 'out' | 'columns'>,
): string {
  if (format !== 'table') return renderData(report, format);
  const total = `${counted(report.answers, 'answer')}, ${toMebibytes(report.bytes)} MiB`;
  if (report.routes.length === 0) return `${total}. No route declares a cache.`;
  const namespaces = new Set(report.routes.map(({ namespace }) => namespace)).size > 1;
  const table: Column<RouteCacheView>[] = [
    ...(namespaces ? [{ title: 'NAMESPACE', value: (row: RouteCacheView) => row.namespace }] : []),
    { title: 'API', value: row => row.name },
    { title: 'ROUTE', value: row => row.route, paint: () => out.bold },
    { title: 'HITS', value: row => row.hits },
    { title: 'STALE', value: row => row.stale + row.staleOnError },
    { title: 'MISSES', value: row => row.misses },
    { title: 'WAITED', value: row => row.collapsed },
    { title: 'BYPASSED', value: row => row.bypassed },
    { title: 'RATIO', value: ratio },
  ];
  return `${renderTable(table, report.routes, columns)}\n${total}`;
}

export function showPurge(report: PurgeReport, format: Format): string {
  if (format !== 'table') return renderData(report, format);
  return `${counted(report.purged, 'answer')} purged.`;
}

/** Share of the requests that the cache could have answered and did. */
function ratio({ hits, stale, staleOnError, misses, collapsed }: RouteCacheView): string {
  const served = hits + stale + staleOnError + collapsed;
  const asked = served + misses - staleOnError;
  return asked === 0 ? '-' : `${Math.round((100 * served) / asked)}%`;
}

function toMebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}
