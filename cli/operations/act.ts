// `tenfold operations start`, `pause`, `resume` and `stop`.
import type { OperationName } from '../../admin/commands/operation-view.ts';
import { CommandError } from '../command-error.ts';
import type { ListFormat } from '../output/print-list.ts';
import { renderData } from '../output/render.ts';
import type { AdminClient } from '../platform/admin-client.ts';
import type { Terminal } from '../terminal.ts';
import { explained } from './explain.ts';
import { untilInterrupted } from './interrupt.ts';
import { followOperation } from './run-operation.ts';
import { describeOperation } from './show.ts';

export interface OperationAct {
  readonly action: 'start' | 'pause' | 'resume' | 'stop';
  readonly name: OperationName;
  readonly token: string | undefined;
  readonly format: ListFormat;
}

/** A start is followed to its end. */
export async function actOnOperation(
  { action, name, token, format }: OperationAct,
  client: Pick<AdminClient, 'startOperation' | 'changeOperation' | 'operation' | 'operationItems'>,
  terminal: Terminal,
): Promise<void> {
  if (action !== 'start') {
    const report = await explained(name, false, () => client.changeOperation(name, action));
    const isData = format === 'json' || format === 'yaml';
    terminal.print(isData ? renderData(report, format) : describeOperation(report, terminal.out));
    return;
  }
  if (token === undefined) {
    throw new CommandError('usage', 'An operation is started with the token of its plan.', {
      hint: 'pass the --plan that the dry run has shown.',
    });
  }
  const report = await explained(name, true, () => client.startOperation(name, token));
  await untilInterrupted(signal => followOperation(report, format, client, terminal, signal));
}
