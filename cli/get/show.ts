// Decides what `tenfold get` asks the admin API for, and prints the answer in the wanted format.
import type { ResourceDetail } from '../../admin/api.ts';
import { resolveKind } from '../../admin/kind-names.ts';
import { TenfoldError } from '../../core/errors.ts';
import { suggest } from '../../core/suggest.ts';
import { CommandError } from '../command-error.ts';
import { renderData } from '../output/render.ts';
import { type Column, renderTable } from '../output/table.ts';
import type { AdminClient } from '../platform/admin-client.ts';
import type { Style } from '../style.ts';
import type { Terminal } from '../terminal.ts';
import { conditionColumns, functionColumns, problemColumns, resourceColumns, routeColumns } from './tables.ts';

export type GetFormat = 'table' | 'wide' | 'name' | 'json' | 'yaml';

export interface GetRequest {
  readonly kind: string | undefined;
  readonly name: string | undefined;
  readonly namespace: string | undefined;
  readonly format: GetFormat;
}

/** Where and how the answer is printed. */
type Frame = Pick<Terminal, 'out' | 'columns'> & { readonly format: GetFormat };

export async function show(
  request: GetRequest,
  client: AdminClient,
  terminal: Pick<Terminal, 'out' | 'columns'>,
): Promise<string> {
  const frame: Frame = { out: terminal.out, columns: terminal.columns, format: request.format };
  const kind = request.kind?.toLowerCase();
  if (kind === 'routes' || kind === 'route') return routes(request, client, frame);
  if (kind === 'problems' || kind === 'problem') return problems(request, client, frame);
  const found = request.kind === undefined || kind === 'all' ? undefined : kindOf(request.kind);
  if (found === 'Function') return functions(request, client, frame);
  return resources(request, found, client, frame);
}

async function resources(
  request: GetRequest,
  kind: string | undefined,
  client: AdminClient,
  frame: Frame,
): Promise<string> {
  const answer = await client.resources({ kind, namespace: request.namespace, name: request.name });
  if (request.name === undefined || kind === undefined) {
    if (request.name !== undefined) only(answer.items, kind ?? 'resource', request.name);
    return list(answer, resourceColumns, row => `${row.kind.toLowerCase()}/${row.name}`, 'No resources.', frame);
  }
  const { namespace } = only(answer.items, kind, request.name);
  const found = await client.resource(kind, namespace, request.name);
  return one(found, renderTable(resourceColumns(frame.out, frame.format === 'wide'), [found]), frame);
}

async function functions(request: GetRequest, client: AdminClient, frame: Frame): Promise<string> {
  const answer = await client.functions({ namespace: request.namespace, name: request.name });
  if (request.name === undefined)
    return list(answer, functionColumns, row => `function/${row.name}`, 'No functions.', frame);
  const { namespace } = only(answer.items, 'Function', request.name);
  const [status, resource] = await Promise.all([
    client.function(namespace, request.name),
    client.resource('Function', namespace, request.name),
  ]);
  const table = renderTable(functionColumns(frame.out, frame.format === 'wide'), [status]);
  return one({ ...resource, ...status }, table, frame);
}

async function routes(request: GetRequest, client: AdminClient, frame: Frame): Promise<string> {
  const answer = await client.routes();
  const items = answer.items.filter(
    row =>
      (request.namespace === undefined || row.namespace === request.namespace) &&
      (request.name === undefined || row.name === request.name),
  );
  return list({ items }, routeColumns, row => `route${row.path}`, 'No routes.', frame);
}

async function problems(request: GetRequest, client: AdminClient, frame: Frame): Promise<string> {
  if (request.name !== undefined) throw new CommandError('usage', 'Problems have no names; leave NAME out.');
  return list(
    await client.problems(),
    problemColumns,
    row => `${row.file}:${row.line}:${row.column}`,
    'No problems.',
    frame,
  );
}

function list<T>(
  answer: { readonly items: readonly T[] },
  columns: (style: Style, wide: boolean) => Column<T>[],
  nameOf: (row: T) => string,
  empty: string,
  frame: Frame,
): string {
  const { format } = frame;
  if (format === 'json' || format === 'yaml') return renderData(answer, format);
  if (format === 'name') return answer.items.map(nameOf).join('\n');
  if (answer.items.length === 0) return empty;
  const wide = format === 'wide';
  return renderTable(columns(frame.out, wide), answer.items, wide ? undefined : frame.columns);
}

/** One resource: its row, its conditions, and what is wrong with it. */
function one(item: ResourceDetail, table: string, { format, out }: Frame): string {
  if (format === 'json' || format === 'yaml') return renderData(item, format);
  if (format === 'name') return `${item.kind.toLowerCase()}/${item.name}`;
  const parts = [table, renderTable(conditionColumns(out, false), item.conditions)];
  if (item.problems.length > 0) parts.push(renderTable(problemColumns(out, false), item.problems));
  return parts.join('\n\n');
}

function only<T extends { readonly namespace: string }>(items: readonly T[], kind: string, name: string): T {
  const [first, second] = items;
  if (!first) throw new TenfoldError('not-found', `There is no ${kind} "${name}".`);
  if (!second) return first;
  const namespaces = items.map(item => item.namespace).join(', ');
  throw new CommandError('usage', `"${name}" exists in several namespaces: ${namespaces}.`, {
    hint: 'choose one with --namespace NAME.',
  });
}

function kindOf(text: string): string {
  const { found, suggestion } = resolveKind(text);
  if (found) return found;
  const nearest = suggest(text, ['routes', 'problems']) ?? suggestion;
  throw new CommandError('usage', `There is no kind "${text}".${nearest ? ` Did you mean "${nearest}"?` : ''}`, {
    hint: 'see all kinds with "tenfold get --help".',
  });
}
