// The columns of each table that `tenfold get` prints; the wide ones come
// on top with --output wide.
import type { ResourceSummary } from '../../admin/api.ts';
import type { Condition } from '../../admin/condition.ts';
import type { RouteView } from '../../admin/route-view.ts';
import type { FunctionStatus } from '../../drivers/function-host/function-host.ts';
import type { ResourceProblem } from '../../resources/resource.ts';
import type { Column } from '../output/table.ts';
import { shortPath } from '../short-path.ts';
import type { Paint, Style } from '../style.ts';

export interface TableOptions {
  /** Whether to show everything. */
  readonly wide: boolean;
  /** Whether namespaces tell the rows apart. */
  readonly namespaces: boolean;
  /** Folder that paths are shown relative to. */
  readonly base: string;
}

export type Columns<T> = (style: Style, tableOptions: TableOptions) => Column<T>[];

const STATUS_PAINT: Readonly<Record<Condition['status'], 'green' | 'red' | 'yellow'>> = {
  True: 'green',
  False: 'red',
  Unknown: 'yellow',
};
const STATE_PAINT: Readonly<Record<FunctionStatus['state'], 'green' | 'red' | 'yellow' | 'dim'>> = {
  available: 'green',
  asleep: 'dim',
  stopped: 'dim',
  starting: 'yellow',
  unavailable: 'red',
};

export const resourceColumns: Columns<ResourceSummary> = (style, { wide, namespaces, base }) => [
  ...(namespaces ? [{ title: 'NAMESPACE', value: (row: ResourceSummary) => row.namespace }] : []),
  { title: 'KIND', value: row => row.kind },
  { title: 'NAME', value: row => row.name },
  conditionColumn('Accepted', style),
  conditionColumn('Ready', style),
  conditionColumn('Healthy', style),
  { title: 'REASON', value: row => worst(row)?.reason ?? '' },
  ...(wide
    ? [{ title: 'FILE', value: (row: ResourceSummary) => `${shortPath(row.origin.file, base)}:${row.origin.line}` }]
    : []),
  { title: 'MESSAGE', value: row => worst(row)?.message ?? '' },
];

export const conditionColumns: Columns<Condition> = style => [
  { title: 'CONDITION', value: row => row.type },
  { title: 'STATUS', value: row => row.status, paint: row => style[STATUS_PAINT[row.status]] },
  { title: 'REASON', value: row => row.reason },
  { title: 'MESSAGE', value: row => row.message },
];

export const functionColumns: Columns<FunctionStatus> = (style, { wide, namespaces }) => [
  ...(namespaces ? [{ title: 'NAMESPACE', value: (row: FunctionStatus) => row.namespace }] : []),
  { title: 'NAME', value: row => row.name },
  { title: 'STATE', value: row => row.state, paint: row => style[STATE_PAINT[row.state]] },
  { title: 'INSTANCES', value: row => row.instances },
  { title: 'IN FLIGHT', value: row => row.inFlight },
  { title: 'WAITING', value: row => row.waiting },
  { title: 'RESTARTS', value: row => row.restarts },
  ...(wide ? [{ title: 'LAST ERROR', value: (row: FunctionStatus) => row.lastError ?? '' }] : []),
];

export const routeColumns: Columns<RouteView> = (style, { wide, namespaces }) => [
  ...(namespaces ? [{ title: 'NAMESPACE', value: (row: RouteView) => row.namespace }] : []),
  { title: 'METHOD', value: row => (row.methods.length === 0 ? 'ANY' : row.methods.join(',')) },
  ...(wide ? [{ title: 'HOST', value: (row: RouteView) => row.host ?? '*' }] : []),
  { title: 'PATH', value: row => row.path, paint: () => style.bold },
  ...(wide ? [{ title: 'FROM', value: (row: RouteView) => `${row.kind.toLowerCase()}/${row.name}` }] : []),
  { title: 'TARGET', value: row => row.target },
];

export const problemColumns: Columns<ResourceProblem> = (style, { base }) => [
  {
    title: 'SEVERITY',
    value: row => row.severity,
    paint: (row): Paint => (row.severity === 'error' ? style.red : style.yellow),
  },
  { title: 'PLACE', value: row => `${shortPath(row.file, base)}:${row.line}:${row.column}` },
  { title: 'PATH', value: row => row.path },
  { title: 'MESSAGE', value: row => row.message },
];

export function conditionColumn(type: Condition['type'], style: Style): Column<ResourceSummary> {
  const find = (row: ResourceSummary) => row.conditions.find(condition => condition.type === type);
  return {
    title: type.toUpperCase(),
    value: row => find(row)?.status ?? 'Unknown',
    paint: row => style[STATUS_PAINT[find(row)?.status ?? 'Unknown']],
  };
}

/**
 * The condition to show when there is room for one: a false one, else an unknown one, else the
 * last that says how it is ready.
 */
export function worst(row: ResourceSummary): Condition | undefined {
  return (
    row.conditions.find(condition => condition.status === 'False') ??
    row.conditions.find(condition => condition.status === 'Unknown') ??
    row.conditions.findLast(({ type }) => type !== 'Healthy')
  );
}
