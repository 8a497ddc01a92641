// Decides what `tenfold get` asks the admin API for, and prints the answer in the wanted format.
import type { ResourceDetail } from '../../admin/api.ts';
import { TenfoldError } from '../../core/errors.ts';
import { suggest } from '../../core/suggest.ts';
import { CommandError } from '../command-error.ts';
import type { ListFormat } from '../output/print-list.ts';
import { renderData } from '../output/render.ts';
import { renderTable } from '../output/table.ts';
import type { AdminClient } from '../platform/admin-client.ts';
import type { Terminal } from '../terminal.ts';
import {
  consumerResourceColumns,
  type EventKind,
  type EventRow,
  eventKindOf,
  eventRows,
  pipelineColumns,
  topicColumns,
  viewColumns,
} from './event-resources.ts';
import {
  type Columns,
  conditionColumns,
  functionColumns,
  problemColumns,
  resourceColumns,
  routeColumns,
  type TableOptions,
} from './tables.ts';

export interface GetRequest {
  readonly kind: string | undefined;
  readonly name: string | undefined;
  readonly namespace: string | undefined;
  readonly format: ListFormat;
}

/** The list goes to stdout, and the message that it is empty to stderr. */
export interface Shown {
  readonly data?: string;
  readonly talk?: string;
}

/** The output that the answer is printed to, and its format. */
type Frame = Pick<Terminal, 'out' | 'columns' | 'cwd'> & { readonly format: ListFormat };

/** The kind that has a view of its own; the admin API understands all other names. */
export const FUNCTION_NAMES: readonly string[] = ['function', 'functions', 'fn'];

export async function show(
  request: GetRequest,
  client: AdminClient,
  terminal: Pick<Terminal, 'out' | 'columns' | 'cwd'>,
): Promise<Shown> {
  const frame: Frame = { out: terminal.out, columns: terminal.columns, cwd: terminal.cwd, format: request.format };
  const kind = request.kind?.toLowerCase();
  if (kind === 'routes' || kind === 'route') return routes(request, client, frame);
  if (kind === 'problems' || kind === 'problem') return problems(request, client, frame);
  if (kind !== undefined && FUNCTION_NAMES.includes(kind)) return functions(request, client, frame);
  const events = eventKindOf(kind);
  if (events) return eventResources(request, events, client, frame);
  return resources({ ...request, kind: kind === 'all' ? undefined : request.kind }, client, frame);
}

async function resources(request: GetRequest, client: AdminClient, frame: Frame): Promise<Shown> {
  const { kind, name, namespace } = request;
  const answer = await client.resources({ kind, namespace, name }).catch(error => {
    throw isUnknownKind(error) ? unknownKind(kind ?? '', error.message) : error;
  });
  if (name === undefined) {
    return list(answer, resourceColumns, row => `${row.kind.toLowerCase()}/${row.name}`, 'No resources.', frame);
  }
  const summary = only(answer.items, kind ?? 'resource', name);
  const found = await client.resource(summary.kind, summary.namespace, name);
  return one(found, renderTable(resourceColumns(frame.out, tableOptionsOfOne(frame)), [found]), frame);
}

async function functions(request: GetRequest, client: AdminClient, frame: Frame): Promise<Shown> {
  const answer = await client.functions({ namespace: request.namespace, name: request.name });
  if (request.name === undefined)
    return list(answer, functionColumns, row => `function/${row.name}`, 'No functions.', frame);
  const { namespace } = only(answer.items, 'function', request.name);
  const [status, resource] = await Promise.all([
    client.function(namespace, request.name),
    client.resource('Function', namespace, request.name),
  ]);
  const table = renderTable(functionColumns(frame.out, tableOptionsOfOne(frame)), [status]);
  return one({ ...resource, ...status }, table, frame);
}

const COLUMNS: Readonly<Record<EventKind, Columns<EventRow>>> = {
  Topic: topicColumns,
  Subscription: consumerResourceColumns,
  Queue: consumerResourceColumns,
  View: viewColumns,
  Pipeline: pipelineColumns,
};

async function eventResources(
  { name, namespace }: GetRequest,
  kind: EventKind,
  client: AdminClient,
  frame: Frame,
): Promise<Shown> {
  const items = await eventRows(kind, namespace, client);
  const columns = COLUMNS[kind];
  if (name === undefined) {
    return list({ items }, columns, row => `${kind.toLowerCase()}/${row.name}`, `No ${kind}s.`, frame);
  }
  const found = only(
    items.filter(each => each.name === name),
    kind,
    name,
  );
  const detail = await client.resource(kind, found.namespace, name);
  return one({ ...found, ...detail }, renderTable(columns(frame.out, tableOptionsOfOne(frame)), [found]), frame);
}

async function routes(request: GetRequest, client: AdminClient, frame: Frame): Promise<Shown> {
  const answer = await client.routes();
  const items = answer.items.filter(
    row =>
      (request.namespace === undefined || row.namespace === request.namespace) &&
      (request.name === undefined || row.name === request.name),
  );
  return list({ items }, routeColumns, row => `route${row.path}`, 'No routes.', frame);
}

async function problems(request: GetRequest, client: AdminClient, frame: Frame): Promise<Shown> {
  if (request.name !== undefined) throw new CommandError('usage', 'Problems have no names; leave NAME out.');
  return list(
    await client.problems(),
    problemColumns,
    row => `${row.file}:${row.line}:${row.column}`,
    'No problems.',
    frame,
  );
}

function list<T extends object>(
  answer: { readonly items: readonly T[] },
  columns: Columns<T>,
  nameOf: (row: T) => string,
  empty: string,
  { format, out, columns: width, cwd }: Frame,
): Shown {
  if (format === 'json' || format === 'yaml') return { data: renderData(answer, format) };
  if (answer.items.length === 0) return { talk: empty };
  if (format === 'name') return { data: answer.items.map(nameOf).join('\n') };
  const wide = format === 'wide';
  const namespaces = wide || new Set(answer.items.map(item => 'namespace' in item && item.namespace)).size > 1;
  return { data: renderTable(columns(out, { wide, namespaces, base: cwd }), answer.items, wide ? undefined : width) };
}

function tableOptionsOfOne({ format, cwd }: Frame): TableOptions {
  return { wide: format === 'wide', namespaces: format === 'wide', base: cwd };
}

/** One resource: its row, its conditions, and its problems. */
function one(item: ResourceDetail, table: string, frame: Frame): Shown {
  const { format, out } = frame;
  const tableOptions = tableOptionsOfOne(frame);
  if (format === 'json' || format === 'yaml') return { data: renderData(item, format) };
  if (format === 'name') return { data: `${item.kind.toLowerCase()}/${item.name}` };
  const parts = [table, renderTable(conditionColumns(out, tableOptions), item.conditions)];
  if (item.problems.length > 0) parts.push(renderTable(problemColumns(out, tableOptions), item.problems));
  return { data: parts.join('\n\n') };
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

export function isUnknownKind(error: unknown): error is TenfoldError {
  return error instanceof TenfoldError && error.code === 'bad-request';
}

function unknownKind(text: string, message: string): CommandError {
  const nearest = suggest(text, ['routes', 'problems']);
  return new CommandError('usage', nearest ? `There is no kind "${text}". Did you mean "${nearest}"?` : message, {
    hint: 'see all kinds with "tenfold get --help".',
  });
}
