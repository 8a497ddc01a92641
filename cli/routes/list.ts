// How `tenfold routes` prints all routes: the most specific first, as they are tried.
import type { RouteView } from '../../admin/route-view.ts';
import { compareShapes, shapeOf } from '../../core/paths/path-shape.ts';
import { PUBLIC } from '../../resources/ownership/listeners.ts';
import { renderData } from '../output/render.ts';
import { type Column, renderTable } from '../output/table.ts';
import type { Terminal } from '../terminal.ts';

/** The list goes to stdout, and the message that it is empty to stderr. */
export function listRoutes(
  all: readonly RouteView[],
  namespace: string | undefined,
  format: 'table' | 'json' | 'yaml',
  { out, columns }: Pick<Terminal, 'out' | 'columns'>,
): { readonly data?: string; readonly talk?: string } {
  const routes = all.filter(route => namespace === undefined || route.namespace === namespace).sort(compareRoutes);
  if (format !== 'table') return { data: renderData({ items: routes }, format) };
  if (routes.length === 0) return { talk: 'No routes.' };
  const namespaces = new Set(routes.map(route => route.namespace)).size > 1;
  const hosts = routes.some(({ host }) => host !== undefined);
  const conditions = routes.some(route => route.conditions.length > 0);
  const listeners = routes.some(route => route.listeners.join() !== PUBLIC);
  const table: Column<RouteView>[] = [
    ...(hosts ? [{ title: 'HOST', value: ({ host }: RouteView) => host ?? '*' }] : []),
    { title: 'METHOD', value: methodsOf },
    { title: 'PATH', value: route => route.path, paint: () => out.bold },
    ...(conditions ? [{ title: 'WHEN', value: (route: RouteView) => route.conditions.join(', ') }] : []),
    ...(namespaces ? [{ title: 'NAMESPACE', value: (route: RouteView) => route.namespace }] : []),
    ...(listeners ? [{ title: 'LISTENERS', value: (route: RouteView) => route.listeners.join(', ') || 'none' }] : []),
    { title: 'FROM', value: originOf },
    { title: 'TARGET', value: route => route.target },
  ];
  return { data: renderTable(table, routes, columns) };
}

export function methodsOf({ methods }: RouteView): string {
  return methods.length === 0 ? 'ANY' : methods.join(',');
}

export function originOf({ kind, name }: RouteView): string {
  return `${kind.toLowerCase()}/${name}`;
}

/** The order of the router; paths that no request can share by their text. */
function compareRoutes(a: RouteView, b: RouteView): number {
  return (
    hostRank(a) - hostRank(b) ||
    (a.host ?? '').localeCompare(b.host ?? '') ||
    compareByPath(a.path, b.path) ||
    b.conditions.length - a.conditions.length
  );
}

function hostRank({ host }: RouteView): number {
  if (host === undefined) return 2;
  return host.startsWith('*.') ? 1 : 0;
}

/** Segment by segment: a literal before a parameter before `*`, and literals by their letters. */
function compareByPath(a: string, b: string): number {
  const [one, other] = [shapeOf(a), shapeOf(b)];
  const shared = Math.min(one.segments.length, other.segments.length);
  for (let index = 0; index < shared; index++) {
    const [left, right] = [one.segments[index], other.segments[index]];
    if (left === right) continue;
    if (left === undefined) return 1;
    if (right === undefined) return -1;
    return left.localeCompare(right);
  }
  return compareShapes(one, other) || one.segments.length - other.segments.length;
}
