// Adds the next command to what the platform says about an operation.
import type { OperationName } from '../../admin/commands/operation-view.ts';
import { TenfoldError } from '../../core/errors.ts';
import { CommandError } from '../command-error.ts';
import { inNamespace } from '../events/in-namespace.ts';

/** `ask` is about the operation of this name. */
export async function explained<T>(name: OperationName, isStart: boolean, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    if (!(cause instanceof TenfoldError)) throw cause;
    if (cause.code === 'not-found') throw new CommandError('no-operation', cause.message, { cause });
    if (cause.code !== 'conflict') throw cause;
    const hint = hintFor(name, isStart, cause.extensions['state']);
    throw new CommandError('operation-state', cause.message, { hint, cause });
  }
}

function hintFor({ namespace, id }: OperationName, isStart: boolean, state: unknown): string {
  const words = `${id}${inNamespace(namespace)}`;
  if (isStart) return 'plan it anew with --dry-run, and pass the --plan that this shows.';
  if (state === 'planned')
    return `begin it with "tenfold operations start ${words} --plan TOKEN", as its dry run has shown.`;
  return `see how far it is with "tenfold operations show ${words}".`;
}
