// Routes as rows, wherever they are shown.
import type { RouteView } from '../../../admin/route-view.ts';
import type { Column } from '../../parts/table.tsx';
import { linkTo } from '../../shell/router.ts';

export function routeKey({ methods, host, path, conditions, name }: RouteView): string {
  return [name, methods.join(), host, path, ...conditions].join(' ');
}

/** `withOwner`: names the resource that has the route, where that is not the page's own. */
export function routeColumns(withOwner: boolean): readonly Column<RouteView>[] {
  return [
    {
      title: 'Route',
      look: 'name',
      cell: ({ methods, host, path }) => (
        <span class="mono">
          {methods.length === 0 ? 'any' : methods.join(', ')} {host ?? ''}
          {path}
        </span>
      ),
    },
    ...(withOwner
      ? [
          {
            title: 'Of',
            cell: ({ kind, namespace, name }: RouteView) => (
              <a data-row href={linkTo(['resources', kind, namespace, name])}>
                {kind} {name}
              </a>
            ),
          },
        ]
      : []),
    { title: 'Only where', cell: ({ conditions }) => conditions.join(' and ') || <span class="faint">–</span> },
    { title: 'Leads to', look: 'wide', cell: ({ target }) => target },
    {
      title: 'Listeners',
      cell: ({ listeners }) => listeners.join(', ') || <span class="warn">none serves it</span>,
    },
  ];
}
