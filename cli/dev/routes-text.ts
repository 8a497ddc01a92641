// The list of routes with their addresses, as `tenfold dev` shows it at the start and after changes.
import type { RouteView } from '../../admin/route-view.ts';
import { oneLine } from '../output/table.ts';
import type { Style } from '../style.ts';

export function routesText(routes: readonly RouteView[], publicAddress: string, style: Style): string[] {
  if (routes.length === 0) return [style.dim('no routes: nothing is reachable from outside until an Api declares it')];
  const rows = routes.map(route => ({
    method: route.methods.length === 0 ? 'ANY' : route.methods.join(','),
    url: urlOf(route, publicAddress),
    // The further conditions tell routes of one path apart.
    target: oneLine(
      route.conditions.length === 0 ? route.target : `${route.target}, when ${route.conditions.join(', ')}`,
    ),
  }));
  const methodWidth = Math.max(...rows.map(row => row.method.length));
  const urlWidth = Math.max(...rows.map(row => row.url.length));
  return rows.map(
    row =>
      `${style.bold(row.method.padEnd(methodWidth))}  ${row.url.padEnd(urlWidth)}  ${style.dim(`→ ${row.target}`)}`,
  );
}

function urlOf(route: RouteView, publicAddress: string): string {
  if (route.host === undefined) return oneLine(publicAddress + route.path);
  const { protocol, port } = new URL(publicAddress);
  return oneLine(`${protocol}//${route.host}${port === '' ? '' : `:${port}`}${route.path}`);
}
