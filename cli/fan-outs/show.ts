// `tenfold fanouts list` and `show`: jobs as tables, or everything about some with the items that failed.
import type { FailedItem, FanOutSummary } from '../../admin/fan-out-view.ts';
import { CommandError } from '../command-error.ts';
import { collectPages } from '../output/collect-pages.ts';
import { printList } from '../output/print-list.ts';
import { renderData } from '../output/render.ts';
import { type Column, renderTable } from '../output/table.ts';
import type { AdminClient } from '../platform/admin-client.ts';
import { ageOf, tookOf } from '../relative-age.ts';
import type { Style } from '../style.ts';
import type { Terminal } from '../terminal.ts';
import { fanOutNameOf, findFanOut, type NamedFanOuts } from './find-fan-out.ts';

export interface FanOutListRequest extends NamedFanOuts {
  readonly state: string | undefined;
  readonly limit: number;
}

const STATE_PAINT: Readonly<Record<FanOutSummary['state'], 'green' | 'red' | 'yellow' | 'dim'>> = {
  queued: 'dim',
  splitting: 'yellow',
  working: 'yellow',
  gathering: 'yellow',
  succeeded: 'green',
  failed: 'red',
  expired: 'red',
  cancelled: 'dim',
  unknown: 'red',
};

export async function listFanOuts(
  { namespace, fanOut, ids, state, limit, format }: FanOutListRequest,
  client: Pick<AdminClient, 'fanOutJobs'>,
  terminal: Terminal,
): Promise<void> {
  if (ids.length > 0) {
    throw new CommandError('usage', '"list" takes no ids.', { hint: 'look at one with "tenfold fanouts show".' });
  }
  const name = fanOut === undefined ? undefined : fanOutNameOf(fanOut);
  const { items, more } = await collectPages(limit, page =>
    client.fanOutJobs({ namespace, fanOut: name, state, ...page }),
  );
  printFanOuts(items, { format, one: fanOut !== undefined }, terminal);
  if (more && format !== 'json' && format !== 'yaml') terminal.say('There are more; see further with --limit.');
}

export async function showFanOuts(
  named: NamedFanOuts & { readonly limit: number },
  client: Pick<AdminClient, 'fanOuts' | 'fanOutJob' | 'fanOutFailed'>,
  terminal: Terminal,
): Promise<void> {
  const { namespace, fanOut } = await findFanOut(named, client);
  const { format, ids, limit } = named;
  const shown = await Promise.all(
    ids.map(async id => {
      const job = await client.fanOutJob(namespace, fanOut, id);
      const { items, more } =
        job.items.failed > 0
          ? await collectPages(limit, page => client.fanOutFailed(namespace, fanOut, id, page))
          : { items: [], more: false };
      return { job, failed: items, more };
    }),
  );
  if (format === 'json' || format === 'yaml') {
    const data = shown.map(({ job, failed }) => ({ ...job, failed }));
    terminal.print(renderData(data.length === 1 ? data[0] : { items: data }, format));
    return;
  }
  printFanOuts(
    shown.map(({ job }) => job),
    { format: format === 'table' ? 'wide' : format, one: true },
    terminal,
  );
  if (format === 'name') return;
  for (const { job, failed, more } of shown) {
    if (failed.length === 0) continue;
    terminal.print(`\nItems of ${job.id} that were given up:`);
    terminal.print(renderTable(failedColumns(terminal.out), failed, terminal.columns));
    if (more) terminal.say('There are more; see further with --limit.');
  }
}

export function printFanOuts(
  items: readonly FanOutSummary[],
  { format, one }: { readonly format: NamedFanOuts['format']; readonly one: boolean },
  terminal: Terminal,
): void {
  const columns = (wide: boolean) => columnsOf(terminal.out, items, { wide, one });
  printList({ items, format, none: 'No jobs.', nameOf: ({ id }) => id, columns }, terminal);
}

function columnsOf(
  style: Style,
  all: readonly FanOutSummary[],
  { wide, one }: { readonly wide: boolean; readonly one: boolean },
): Column<FanOutSummary>[] {
  const now = Date.now();
  const namespaces = new Set(all.map(each => each.namespace)).size > 1;
  return [
    ...(namespaces ? [{ title: 'NAMESPACE', value: (row: FanOutSummary) => row.namespace }] : []),
    ...(one ? [] : [{ title: 'FANOUT', value: (row: FanOutSummary) => row.fanOut }]),
    { title: 'ID', value: row => row.id, paint: () => style.bold },
    { title: 'STATE', value: row => row.state, paint: row => style[STATE_PAINT[row.state]] },
    { title: 'AGE', value: row => ageOf(row.acceptedAt, now) },
    { title: 'TOOK', value: ({ acceptedAt, finishedAt }) => tookOf(acceptedAt, finishedAt) },
    {
      title: 'DONE',
      value: row => counted(row, `${row.items.succeeded}/${row.items.total}${row.items.divided ? '' : '+'}`),
    },
    { title: 'FAILED', value: row => counted(row, String(row.items.failed)) },
    ...(wide ? [{ title: 'REDRIVEN', value: (row: FanOutSummary) => row.redriven }] : []),
    ...(wide ? [{ title: 'ACCEPTED', value: (row: FanOutSummary) => row.acceptedAt }] : []),
    { title: 'ERROR', value: row => row.error?.message ?? '' },
  ];
}

/** Jobs that a later release has written cannot be counted here. */
function counted({ state }: FanOutSummary, count: string): string {
  return state === 'unknown' ? '-' : count;
}

function failedColumns(style: Style): Column<FailedItem>[] {
  return [
    { title: 'ITEM', value: row => row.index, paint: () => style.bold },
    { title: 'REASON', value: row => row.reason },
    { title: 'ATTEMPTS', value: row => row.attempts },
    { title: 'LETTER', value: row => row.letter ?? '-' },
    { title: 'ERROR', value: row => row.error.message },
  ];
}
