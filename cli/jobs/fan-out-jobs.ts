// The jobs of FanOuts, as the commands on jobs need them, with the items that failed.
import type { FailedItem, FanOutSummary } from '../../admin/fan-out-view.ts';
import { TenfoldError } from '../../core/errors.ts';
import { failureText } from '../../core/failure.ts';
import { suggest } from '../../core/suggest.ts';
import { CommandError } from '../command-error.ts';
import { causeWords } from '../events/cause-words.ts';
import { inNamespace } from '../events/in-namespace.ts';
import { collectPages } from '../output/collect-pages.ts';
import { type Column, renderTable } from '../output/table.ts';
import type { AdminClient } from '../platform/admin-client.ts';
import { ageOf, tookOf } from '../relative-age.ts';
import type { Style } from '../style.ts';
import type { JobDetails, JobKind, JobOwner } from './job-kind.ts';

export interface FanOutJobs extends JobKind<FanOutSummary> {
  redrive(owner: JobOwner, id: string): Promise<FanOutSummary>;
}

type Client = Pick<
  AdminClient,
  'fanOuts' | 'fanOutJobs' | 'fanOutJob' | 'fanOutFailed' | 'cancelFanOut' | 'redriveFanOut'
>;

export function fanOutJobs(client: Client): FanOutJobs {
  return {
    owner: 'FanOut',
    command: 'fanouts',
    nameIn: fanOutNameIn,
    find: (text, namespace) => findFanOut(text, namespace, client),
    list: ({ namespace, name }, query) => client.fanOutJobs({ namespace, fanOut: name, ...query }),
    read: ({ namespace, name }, id) => client.fanOutJob(namespace, name, id),
    cancel: ({ namespace, name }, id) => client.cancelFanOut(namespace, name, id),
    redrive: ({ namespace, name }, id) => client.redriveFanOut(namespace, name, id),
    details: (owner, job, limit) => failedItems(client, owner, job, limit),
    ownerOf: ({ fanOut }) => fanOut,
    columns: (wide, now) => [
      { title: 'AGE', value: row => ageOf(row.acceptedAt, now) },
      { title: 'TOOK', value: ({ acceptedAt, finishedAt }) => tookOf(acceptedAt, finishedAt) },
      {
        title: 'DONE',
        value: row => counted(row, `${row.items.succeeded}/${row.items.total}${row.items.divided ? '' : '+'}`),
      },
      { title: 'FAILED', value: row => counted(row, String(row.items.failed)) },
      ...(wide ? [{ title: 'REDRIVEN', value: (row: FanOutSummary) => row.redriven }] : []),
      ...(wide ? [{ title: 'ACCEPTED', value: (row: FanOutSummary) => row.acceptedAt }] : []),
      { title: 'ERROR', value: ({ error, cause }) => causeWords({ error: error?.message, cause }) },
    ],
    progress(jobs) {
      const items = jobs.flatMap(job => job?.items ?? []);
      return {
        done: items.reduce((sum, { succeeded, failed }) => sum + succeeded + failed, 0),
        total: items.reduce((sum, { total }) => sum + total, 0),
      };
    },
    progressWords: () => 'items done',
    whySlow: ({ namespace, name }, ids) =>
      `what keeps it with "tenfold fanouts show ${name} ${ids.join(' ')}${inNamespace(namespace)}"`,
  };
}

async function findFanOut(
  text: string,
  namespace: string | undefined,
  client: Pick<AdminClient, 'fanOuts'>,
): Promise<JobOwner> {
  const name = fanOutNameIn(text);
  const { items } = await client.fanOuts();
  const found = items.filter(each => each.name === name && (namespace === undefined || each.namespace === namespace));
  const [first, second] = found;
  if (first === undefined) {
    const nearest = suggest(
      name,
      items.map(each => each.name),
    );
    const message = `There is no FanOut "${name}".`;
    throw new TenfoldError('not-found', nearest ? `${message} Did you mean "${nearest}"?` : message);
  }
  if (second) {
    throw new CommandError('usage', `"${name}" exists in several namespaces.`, {
      hint: 'choose one with --namespace NAME.',
    });
  }
  return { namespace: first.namespace, name: first.name };
}

/** The name in `renditions` or `fanout/renditions`. */
function fanOutNameIn(text: string): string {
  return text.replace(/^fan-?outs?\//i, '');
}

async function failedItems(
  client: Pick<AdminClient, 'fanOutFailed'>,
  { namespace, name }: JobOwner,
  { id, items: counts }: FanOutSummary,
  limit: number,
): Promise<JobDetails> {
  const { items: failed, more } =
    counts.failed > 0
      ? await collectPages(limit, page => client.fanOutFailed(namespace, name, id, page))
      : { items: [], more: false };
  return {
    data: { failed },
    print(terminal) {
      if (failed.length === 0) return;
      terminal.print(`\nItems of ${id} that were given up:`);
      terminal.print(renderTable(failedColumns(terminal.out), failed, terminal.columns));
      if (more) terminal.say('There are more; see further with --limit.');
    },
  };
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
    { title: 'ERROR', value: ({ error }) => failureText(error) },
  ];
}
