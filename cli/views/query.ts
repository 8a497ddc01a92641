// `tenfold views query`: queries a View through the internal listener, and prints the answer.
import { TIMEOUT_HEADER } from '../../core/wire.ts';
import { printAnswer } from '../invoke/print-answer.ts';
import { send } from '../invoke/send.ts';
import { findInternalListener } from '../platform/internal-listener.ts';
import type { PlatformChoice } from '../platform/platform-options.ts';
import { toTarget } from '../request-words.ts';
import type { Terminal } from '../terminal.ts';
import { nameOfView } from './list.ts';

/** Longer than the longest query of a View. */
const TIMEOUT_MS = 30_000;

export interface QueryOptions extends PlatformChoice {
  readonly namespace?: string | undefined;
  readonly query: readonly string[];
}

export async function queryView(name: string | undefined, options: QueryOptions, terminal: Terminal): Promise<void> {
  const view = nameOfView(name);
  const { query } = toTarget('/', options.query);
  const listener = await findInternalListener(options, options.namespace, terminal);
  const answer = await send(listener, {
    functionName: view,
    method: 'GET',
    path: `/views/${encodeURIComponent(view)}${query}`,
    headers: [[TIMEOUT_HEADER, String(TIMEOUT_MS)]],
    body: undefined,
    timeoutMs: TIMEOUT_MS,
  });
  await printAnswer(view, answer, false, terminal);
}
