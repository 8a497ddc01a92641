// `tenfold operations list` and `show`: how far operations are, and the results of their items.
import type {
  ItemResult,
  OperationAction,
  OperationName,
  OperationReport,
} from '../../admin/commands/operation-view.ts';
import { counted } from '../../core/units/counted.ts';
import { formatDuration } from '../../core/units/duration.ts';
import { consumerNameOf } from '../dead/list.ts';
import { collectPages } from '../output/collect-pages.ts';
import { type ListFormat, printList } from '../output/print-list.ts';
import { renderData } from '../output/render.ts';
import { type Column, oneLine } from '../output/table.ts';
import type { AdminClient } from '../platform/admin-client.ts';
import { ageOf } from '../relative-age.ts';
import type { Style } from '../style.ts';
import type { Terminal } from '../terminal.ts';
import { explained } from './explain.ts';

/** As in `120 of 400 redriven`. */
export const WORDS: Readonly<Record<OperationAction, string>> = {
  redrive: 'redriven',
  edit: 'redriven with other data',
  skip: 'skipped',
  purge: 'purged',
  'retry-now': 'tried now',
  'give-up': 'given up',
  cancel: 'cancelled',
};

export function hasEnded({ state }: Pick<OperationReport, 'state'>): boolean {
  return state === 'done' || state === 'stopped' || state === 'failed';
}

export async function listOperations(
  {
    namespace,
    limit,
    format,
  }: { readonly namespace: string | undefined; readonly limit: number; readonly format: ListFormat },
  client: Pick<AdminClient, 'operations'>,
  terminal: Terminal,
): Promise<void> {
  const { items, more } = await collectPages(limit, page => client.operations({ namespace, ...page }));
  const listing = { items, format, none: 'No operations.', nameOf: ({ id }: OperationReport) => id };
  printList({ ...listing, columns: () => operationColumns(terminal.out, items) }, terminal);
  if (more) terminal.say('There are more; see further with --limit.');
}

export async function showOperation(
  name: OperationName,
  { failed, limit, format }: { readonly failed: boolean; readonly limit: number; readonly format: ListFormat },
  client: Pick<AdminClient, 'operation' | 'operationItems'>,
  terminal: Terminal,
): Promise<void> {
  if (!failed) {
    const report = await explained(name, false, () => client.operation(name));
    const isData = format === 'json' || format === 'yaml';
    terminal.print(isData ? renderData(report, format) : describeOperation(report, terminal.out));
    return;
  }
  const { items, more } = await collectPages(limit, page =>
    explained(name, false, () => client.operationItems(name, { ...page, failed: 'true' })),
  );
  const listing = { items, format, none: 'None failed.', nameOf: (item: ItemResult) => item.id };
  printList({ ...listing, columns: () => itemColumns(terminal.out) }, terminal);
  if (more) terminal.say('There are more; see further with --limit.');
}

export function describeOperation(report: OperationReport, style: Style): string {
  const { id, action, consumer, state, total, groups = [], sample, notes, rate, done, refused, inDoubt, left } = report;
  const { etaMs, plannedAt, startedAt, endedAt, problem } = report;
  const now = Date.now();
  const eta =
    etaMs === undefined ? '' : `, about ${formatDuration(Math.max(1000, Math.round(etaMs / 1000) * 1000))} more`;
  const lines = [
    `Of         ${consumerNameOf(consumer)}`,
    `State      ${state}${problem === undefined ? '' : `: ${problem}`}`,
    `Items      ${total}: ${done} ${WORDS[action]}, ${refused} refused, ${inDoubt} in doubt, ${left} left${eta}`,
    ...(rate === undefined ? [] : [`Rate       at most ${rate} a second`]),
    `Planned    ${plannedAt}, ${ageOf(plannedAt, now)} ago`,
    ...(startedAt === undefined ? [] : [`Started    ${startedAt}, ${ageOf(startedAt, now)} ago`]),
    ...(endedAt === undefined ? [] : [`Ended      ${endedAt}, ${ageOf(endedAt, now)} ago`]),
    ...(sample.length === 0 ? [] : [`First      ${sample.join(' ')}`]),
    ...notes.map(note => `Note       ${note}`),
    ...groups.map(({ id, cause, count }) => `Group      ${id}  ${counted(count, 'dead letter')}  ${cause}`),
  ];
  return [`${style.bold(id)}  ${action}`, ...lines.map(oneLine)].join('\n');
}

function operationColumns(style: Style, all: readonly OperationReport[]): Column<OperationReport>[] {
  const now = Date.now();
  const namespaces = all.some(({ consumer: { namespace } }) => namespace !== 'default');
  return [
    ...(namespaces ? [{ title: 'NAMESPACE', value: (row: OperationReport) => row.consumer.namespace }] : []),
    { title: 'OPERATION', value: row => row.id, paint: () => style.bold },
    { title: 'ACTION', value: row => row.action },
    { title: 'OF', value: row => consumerNameOf(row.consumer) },
    {
      title: 'STATE',
      value: row => row.state,
      paint: row => (row.state === 'failed' || row.problem !== undefined ? style.red : style.green),
    },
    { title: 'ITEMS', value: row => row.total },
    { title: 'DONE', value: row => row.done },
    { title: 'REFUSED', value: row => row.refused },
    { title: 'IN DOUBT', value: row => row.inDoubt },
    { title: 'LEFT', value: row => row.left },
    { title: 'AGE', value: row => ageOf(row.plannedAt, now) },
  ];
}

function itemColumns(style: Style): Column<ItemResult>[] {
  return [
    { title: 'ID', value: row => row.id, paint: () => style.bold },
    { title: 'OUTCOME', value: row => row.outcome, paint: () => style.yellow },
    { title: 'WHY', value: row => row.message ?? '' },
  ];
}
