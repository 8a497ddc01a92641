// `list` and `show` of `tenfold jobs` and `tenfold fanouts`: jobs as tables,
// or everything about some.
import { CommandError } from '../command-error.ts';
import { collectPages } from '../output/collect-pages.ts';
import { printList } from '../output/print-list.ts';
import { renderData } from '../output/render.ts';
import type { Column } from '../output/table.ts';
import type { Style } from '../style.ts';
import type { Terminal } from '../terminal.ts';
import { type Job, type JobKind, type NamedJobs, ownerOf } from './job-kind.ts';

export interface JobListRequest extends NamedJobs {
  readonly state: string | undefined;
  readonly limit: number;
}

const STATE_PAINT: Readonly<Record<Job['state'], 'green' | 'red' | 'yellow' | 'dim'>> = {
  queued: 'dim',
  running: 'yellow',
  waiting: 'yellow',
  splitting: 'yellow',
  working: 'yellow',
  gathering: 'yellow',
  succeeded: 'green',
  failed: 'red',
  expired: 'red',
  cancelled: 'dim',
  unknown: 'red',
};

export async function listJobs<J extends Job>(
  kind: JobKind<J>,
  { namespace, owner, ids, state, limit, format }: JobListRequest,
  terminal: Terminal,
): Promise<void> {
  if (ids.length > 0) {
    throw new CommandError('usage', '"list" takes no ids.', {
      hint: `look at one with "tenfold ${kind.command} show".`,
    });
  }
  const of = {
    ...(namespace === undefined ? {} : { namespace }),
    ...(owner === undefined ? {} : { name: kind.nameIn(owner) }),
  };
  const { items, more } = await collectPages(limit, page => kind.list(of, { state, ...page }));
  printJobs(kind, items, { format, one: owner !== undefined }, terminal);
  if (more && format !== 'json' && format !== 'yaml') terminal.say('There are more; see further with --limit.');
}

/** `limit`: of what one job lists, such as its failed items. */
export async function showJobs<J extends Job>(
  kind: JobKind<J>,
  named: NamedJobs & { readonly limit: number },
  terminal: Terminal,
): Promise<void> {
  const owner = await ownerOf(kind, named);
  const { format, ids, limit } = named;
  const shown = await Promise.all(
    ids.map(async id => {
      const job = await kind.read(owner, id);
      return { job, details: await kind.details?.(owner, job, limit) };
    }),
  );
  if (format === 'json' || format === 'yaml') {
    const data = shown.map(({ job, details }) => ({ ...job, ...details?.data }));
    terminal.print(renderData(data.length === 1 ? data[0] : { items: data }, format));
    return;
  }
  const jobs = shown.map(({ job }) => job);
  printJobs(kind, jobs, { format: format === 'table' ? 'wide' : format, one: true }, terminal);
  if (format !== 'name') for (const { details } of shown) details?.print(terminal);
}

export function printJobs<J extends Job>(
  kind: JobKind<J>,
  items: readonly J[],
  { format, one }: { readonly format: NamedJobs['format']; readonly one: boolean },
  terminal: Terminal,
): void {
  const columns = (wide: boolean) => columnsOf(kind, items, { wide, one, style: terminal.out });
  printList({ items, format, none: 'No jobs.', nameOf: ({ id }) => id, columns }, terminal);
}

function columnsOf<J extends Job>(
  kind: JobKind<J>,
  all: readonly J[],
  { wide, one, style }: { readonly wide: boolean; readonly one: boolean; readonly style: Style },
): Column<J>[] {
  const namespaces = new Set(all.map(each => each.namespace)).size > 1;
  return [
    ...(namespaces ? [{ title: 'NAMESPACE', value: (row: J) => row.namespace }] : []),
    ...(one ? [] : [{ title: kind.owner.toUpperCase(), value: (row: J) => kind.ownerOf(row) }]),
    { title: 'ID', value: row => row.id, paint: () => style.bold },
    { title: 'STATE', value: row => row.state, paint: row => style[STATE_PAINT[row.state]] },
    ...kind.columns(wide, Date.now()),
  ];
}
