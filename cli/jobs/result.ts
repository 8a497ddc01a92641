// `tenfold jobs show --result`: what a job's function answered, byte for byte, from the
// internal listener of its queue.
import { TenfoldError } from '../../core/errors.ts';
import { KEY_HEADER } from '../../core/wire.ts';
import { CommandError } from '../command-error.ts';
import { reasonOf, toError } from '../platform/admin-call.ts';
import type { InternalListener } from '../platform/internal-listener.ts';
import type { Terminal } from '../terminal.ts';
import { type Job, type JobKind, type NamedJobs, ownerOf } from './job-kind.ts';

/**
 * The longest silence, before the answer and within it: a result may be
 * large, and the terminal slow.
 */
const SILENCE_MS = 60_000;

export async function printResult<J extends Job>(
  kind: JobKind<J>,
  named: NamedJobs,
  listenerOf: (namespace: string) => Promise<InternalListener>,
  terminal: Terminal,
): Promise<void> {
  const { namespace, name } = await ownerOf(kind, named);
  const [id, ...others] = named.ids;
  if (id === undefined || others.length > 0) throw new CommandError('usage', '--result is for one job at a time.');
  const listener = await listenerOf(namespace);
  const silence = new AbortController();
  const fall = () => silence.abort(new DOMException('It is silent.', 'TimeoutError'));
  const timer = setTimeout(fall, SILENCE_MS);
  try {
    const response = await ask(listener, name, id, silence.signal);
    if (!response.ok) {
      const problem: unknown = await response.json().catch(() => undefined);
      throw toError(response.status, problem) ?? new TenfoldError('bad-gateway', `The answer is ${response.status}.`);
    }
    for await (const chunk of response.body ?? []) {
      timer.refresh();
      await terminal.write(chunk);
    }
    if (terminal.interactive) await terminal.write('\n');
  } catch (error) {
    if (error instanceof TenfoldError || error instanceof CommandError) throw error;
    throw new TenfoldError('bad-gateway', `The result was cut off (${reasonOf(error)}).`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

async function ask({ url, key }: InternalListener, queue: string, id: string, signal: AbortSignal): Promise<Response> {
  const path = ['queues', queue, id, 'result'].map(encodeURIComponent).join('/');
  try {
    return await fetch(`${url.replace(/\/$/, '')}/${path}`, {
      headers: { [KEY_HEADER]: key },
      redirect: 'error',
      signal,
    });
  } catch (cause) {
    throw new CommandError('platform-unreachable', `No platform answers at ${url} (${reasonOf(cause)}).`, { cause });
  }
}
