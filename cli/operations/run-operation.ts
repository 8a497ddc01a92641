// Plans an operation, starts it and follows it to its end. The server carries it out, whether or
// not this command stays.
import { setTimeout as pause } from 'node:timers/promises';
import type { ItemResult, OperationReport } from '../../admin/commands/operation-view.ts';
import type { ConsumerName } from '../../admin/consumer-name.ts';
import { isRetryable } from '../../core/errors.ts';
import { counted } from '../../core/units/counted.ts';
import { CommandError } from '../command-error.ts';
import { consumerNameOf } from '../dead/list.ts';
import { inNamespace } from '../events/in-namespace.ts';
import { exitCodes } from '../exit-codes.ts';
import type { ListFormat } from '../output/print-list.ts';
import { createProgress } from '../output/progress.ts';
import { renderData } from '../output/render.ts';
import { renderTable } from '../output/table.ts';
import type { AdminClient } from '../platform/admin-client.ts';
import type { OperationOrder } from '../platform/operation-client.ts';
import type { Terminal } from '../terminal.ts';
import { describeOperation, hasEnded, WORDS } from './show.ts';

export interface OperationRun {
  readonly order: OperationOrder;
  /** The plan alone. */
  readonly dryRun: boolean;
  readonly format: ListFormat;
}

type Client = Pick<
  AdminClient,
  'planOperation' | 'startOperation' | 'operation' | 'operationItems' | 'changeOperation'
>;

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;
const MOST_SHOWN = 100;

/** `signal`: the person has seen enough. */
export async function runOperation(
  consumer: ConsumerName,
  { order, dryRun, format }: OperationRun,
  client: Client,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<OperationReport> {
  const plan = await client.planOperation(consumer, order);
  if (plan.total === 0) {
    await printEnd(plan, format, client, terminal);
    return plan;
  }
  const isData = format === 'json' || format === 'yaml';
  if (dryRun) {
    terminal.print(isData ? renderData(plan, format) : describeOperation(plan, terminal.out));
    terminal.say(`Start it within an hour: tenfold operations start ${wordsFor(plan)} --plan ${plan.token}`);
    return plan;
  }
  await client.startOperation(nameOf(plan), plan.token);
  return followOperation(plan, format, client, terminal, signal);
}

export async function followOperation(
  plan: OperationReport,
  format: ListFormat,
  client: Pick<Client, 'operation' | 'operationItems'>,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<OperationReport> {
  const words = WORDS[plan.action];
  const progress = createProgress(words, terminal);
  let report = plan;
  let problem: string | undefined;
  try {
    for (let ms = FIRST_PAUSE_MS; !signal.aborted; ms = Math.min(ms * 1.5, LONGEST_PAUSE_MS)) {
      report = await readUnlessAway(() => client.operation(nameOf(plan)), report);
      if (hasEnded(report)) break;
      progress.update(report.total - report.left, report.total);
      if (report.problem !== undefined && report.problem !== problem) terminal.say(report.problem);
      problem = report.problem;
      await pause(ms, undefined, { signal }).catch(() => {});
    }
  } finally {
    progress.end();
  }
  if (!hasEnded(report)) {
    const name = wordsFor(report);
    terminal.say(`It goes on without this command: tenfold operations show ${name}, or stop ${name}.`);
    terminal.exitCode = exitCodes.interrupted.code;
    return report;
  }
  await printEnd(report, format, client, terminal);
  return report;
}

async function printEnd(
  report: OperationReport,
  format: ListFormat,
  client: Pick<Client, 'operationItems'>,
  terminal: Terminal,
): Promise<void> {
  const { action, consumer, state, done, refused, inDoubt, left, notes, problem } = report;
  const words = WORDS[action];
  const open = refused + inDoubt;
  const failed = open === 0 ? [] : await failedItems(report, client);
  if (format === 'json' || format === 'yaml') terminal.print(renderData({ ...report, failed }, format));
  else terminal.print(`${consumerNameOf(consumer)}: ${done} ${words}`);
  if (open > 0 || notes.length > 0 || left > 0) terminal.exitCode = exitCodes.refused.code;
  if (state === 'failed') terminal.exitCode = exitCodes.failed.code;
  for (const note of notes) terminal.say(terminal.err.yellow(note));
  if (problem !== undefined) terminal.say(terminal.err.red(problem));
  if (left > 0) terminal.say(`It is ${state}, and ${counted(left, 'item')} of its plan stay as they were.`);
  if (open === 0 || format === 'json' || format === 'yaml') return;
  const doubt = inDoubt > 0 ? `, ${inDoubt} of them in doubt` : '';
  terminal.say(terminal.err.red(`${open} could not be ${words}${doubt}:`));
  terminal.say(renderTable(failedColumns, failed));
  if (open > failed.length)
    terminal.say(`All of them: tenfold operations show ${wordsFor(report)} --failed --limit ${open}`);
}

const failedColumns = [
  { title: 'ID', value: (row: ItemResult) => row.id },
  { title: 'WHY NOT', value: (row: ItemResult) => row.message ?? row.outcome },
];

/** As other commands take it. */
const wordsFor = ({ id, consumer: { namespace } }: OperationReport) => `${id}${inNamespace(namespace)}`;

const nameOf = ({ id, consumer: { namespace } }: OperationReport) => ({ namespace, id });

async function failedItems(
  report: OperationReport,
  client: Pick<Client, 'operationItems'>,
): Promise<readonly ItemResult[]> {
  return (await client.operationItems(nameOf(report), { failed: 'true', limit: String(MOST_SHOWN) })).items;
}

/** The report as it was `before` when the platform does not answer: it may be restarting. */
async function readUnlessAway(read: () => Promise<OperationReport>, before: OperationReport): Promise<OperationReport> {
  try {
    return await read();
  } catch (error) {
    if (isRetryable(error) || (error instanceof CommandError && error.code === 'platform-unreachable')) return before;
    throw error;
  }
}
