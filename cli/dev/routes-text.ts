// The list of routes with their addresses, as `tenfold dev` shows it at
// the start and after changes.
import type { Addresses } from '../../admin/platform-view.ts';
import type { RouteView } from '../../admin/route-view.ts';
import { oneLine } from '../output/table.ts';
import type { Style } from '../style.ts';

type AddressesShown = Pick<Addresses, 'public' | 'listeners'>;

export function routesText(routes: readonly RouteView[], addresses: AddressesShown, style: Style): string[] {
  if (routes.length === 0) return [style.dim('no routes: nothing is reachable from outside until an Api declares it')];
  const rows = routes.map(route => ({
    method: route.methods.length === 0 ? 'ANY' : route.methods.join(','),
    url: urlOf(route, addresses),
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

/** At the first listener that serves it; a host alone where none does. */
function urlOf(route: RouteView, addresses: AddressesShown): string {
  const [name] = route.listeners;
  const address = name === undefined ? undefined : (addresses.listeners?.[name] ?? addresses.public);
  if (address === undefined) return oneLine(`${route.host ?? ''}${route.path} (no listener)`);
  if (route.host === undefined) return oneLine(address + route.path);
  const { protocol, port } = new URL(address);
  return oneLine(`${protocol}//${route.host}${port === '' ? '' : `:${port}`}${route.path}`);
}
