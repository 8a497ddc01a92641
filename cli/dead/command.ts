// `tenfold dead redrive`, `skip` and `purge`: of some by id, or of all that a query finds, with
// what became of each that failed.
import type { CommandProgress } from '../../admin/commands/dead-letter-view.ts';
import type { OperationEdit } from '../../admin/commands/operation-view.ts';
import { roundedNumberIn } from '../../core/units/exact-json.ts';
import { CommandError } from '../command-error.ts';
import type { ConsumerRequest } from '../events/find-consumer.ts';
import { findLetterOwner } from '../events/find-letter-owner.ts';
import { readEdit, readFileOrInput } from '../events/read-data.ts';
import { exitCodes } from '../exit-codes.ts';
import { untilInterrupted } from '../operations/interrupt.ts';
import { runOperation } from '../operations/run-operation.ts';
import type { ListFormat } from '../output/print-list.ts';
import { createProgress } from '../output/progress.ts';
import { renderData } from '../output/render.ts';
import { renderTable } from '../output/table.ts';
import type { AdminClient } from '../platform/admin-client.ts';
import type { LetterCommand, LetterQuery } from '../platform/event-client.ts';
import type { OperationClient } from '../platform/operation-client.ts';
import type { Terminal } from '../terminal.ts';
import { consumerNameOf, printLeftOut, printTextHint } from './list.ts';

export interface CommandRequest {
  readonly action: 'redrive' | 'skip' | 'purge';
  readonly consumer: ConsumerRequest;
  readonly ids: readonly string[];
  readonly all: boolean;
  readonly query: LetterQuery;
  /** Path of the new data, or `-`. */
  readonly edit: string | undefined;
  readonly contentType: string | undefined;
  /** Path of a JSON merge patch of the data of each, or `-`. */
  readonly merge: string | undefined;
  readonly rate: number | undefined;
  /** Plans it, and changes nothing. */
  readonly dryRun: boolean;
  readonly format: ListFormat;
}

const DONE = { redrive: 'redriven', skip: 'skipped', purge: 'purged' } as const;

export async function commandLetters(
  request: CommandRequest,
  client: Pick<AdminClient, 'consumers' | 'commandLetters' | keyof OperationClient>,
  terminal: Terminal,
): Promise<void> {
  const { action, ids, query, merge, rate, dryRun, format } = request;
  checkSelection(request);
  const consumer = await findLetterOwner(request.consumer, client);
  if (ids.length === 0) {
    const { held, ...filter } = query;
    const change =
      merge === undefined ? { action } : { action: 'edit' as const, edit: await readMerge(merge, terminal) };
    const order = { ...change, query: { ...filter, ...(held && { held: true }) }, ...(rate && { rate }) };
    await untilInterrupted(async signal => {
      const { total } = await runOperation(consumer, { order, dryRun, format }, client, terminal, signal);
      if (total > 0) return;
      terminal.say('No dead letter matched.');
      printTextHint(query, terminal);
    });
    return;
  }
  const progress = createProgress(DONE[action], terminal);
  let failed = 0;
  let end: CommandProgress = { taken: 0, failed: [], total: undefined };
  try {
    for await (const step of client.commandLetters(consumer, await toCommand(request, terminal))) {
      const { done, ...rest } = step;
      end = rest;
      if (done) continue;
      failed += rest.failed.length;
      progress.update(rest.taken + failed, rest.total);
    }
  } catch (error) {
    // Each action is durable once it is taken: a second try finds the others only.
    if (end.taken > 0) terminal.say(`${end.taken} were ${DONE[action]} before it failed.`);
    throw error;
  } finally {
    progress.end();
  }
  if (format === 'json' || format === 'yaml') terminal.print(renderData(end, format));
  else terminal.print(`${consumerNameOf(consumer)}: ${end.taken} ${DONE[action]}`);
  if (end.later !== undefined || end.omitted !== undefined) terminal.exitCode = exitCodes.refused.code;
  printLeftOut(end, terminal);
  if (end.failed.length === 0) return;
  terminal.exitCode = exitCodes.refused.code;
  if (format === 'json' || format === 'yaml') return;
  const columns = [
    { title: 'ID', value: (row: CommandProgress['failed'][number]) => row.id },
    { title: 'WHY NOT', value: (row: CommandProgress['failed'][number]) => row.message },
  ];
  terminal.say(terminal.err.red(`${end.failed.length} could not be ${DONE[action]}:`));
  terminal.say(renderTable(columns, end.failed));
}

function checkSelection({ action, ids, all, query, edit, contentType, ...rest }: CommandRequest): void {
  const filtered = Object.values(query).some(value => value !== undefined);
  if (ids.length === 0 && !all && !filtered) {
    throw new CommandError('usage', `It is not said which to ${action}.`, {
      hint: 'name their ids, or narrow them down with --key, --reason, --group, --text, --held, --older-than or --newer-than; or pass --all.',
    });
  }
  if (ids.length > 0 && (all || filtered)) {
    throw new CommandError('usage', 'Both ids and a selection are given.', { hint: 'leave out one of them.' });
  }
  if (rest.merge !== undefined && (action !== 'redrive' || ids.length > 0))
    throw new CommandError('usage', '--merge is for the redrive of a selection.', {
      hint: 'give one id other data with --edit FILE.',
    });
  if (ids.length > 0 && (rest.dryRun || rest.rate !== undefined))
    throw new CommandError('usage', '--dry-run and --rate are for a selection, not for ids.');
  if (edit === undefined) {
    if (contentType !== undefined) throw new CommandError('usage', '--content-type is for the data of --edit.');
    return;
  }
  if (action !== 'redrive') throw new CommandError('usage', `--edit is for redrive, not for ${action}.`);
  if (ids.length !== 1) throw new CommandError('usage', '--edit is for one event at a time: name one id.');
}

async function toCommand(request: CommandRequest, terminal: Terminal): Promise<LetterCommand> {
  const { action, ids, query, edit, contentType } = request;
  if (edit !== undefined) {
    return { action, ids, edit: await readEdit(edit, contentType, terminal) };
  }
  return ids.length > 0 ? { action, ids } : { action, query };
}

async function readMerge(path: string, terminal: Terminal): Promise<OperationEdit> {
  const text = (await readFileOrInput(path, terminal)).toString('utf8');
  let merge: Record<string, unknown>;
  let rounded: string | undefined;
  try {
    merge = JSON.parse(text);
    rounded = roundedNumberIn(text);
  } catch (cause) {
    throw new CommandError('usage', `${path} is no JSON: a merge patch is an object such as {"cups":1}.`, { cause });
  }
  if (rounded === undefined) return { merge };
  throw new CommandError(
    'usage',
    `${path} has the number ${rounded}, which a merge patch would round. Edit the whole data of one dead letter with --edit.`,
  );
}
