// `tenfold fanouts cancel`, `redrive` and `wait`.
import { setTimeout as pause } from 'node:timers/promises';
import type { FanOutSummary } from '../../admin/fan-out-view.ts';
import { isRetryable, TenfoldError } from '../../core/errors.ts';
import { formatDuration } from '../../core/units/duration.ts';
import { CommandError } from '../command-error.ts';
import { exitCodes } from '../exit-codes.ts';
import { createProgress } from '../output/progress.ts';
import type { AdminClient } from '../platform/admin-client.ts';
import type { Terminal } from '../terminal.ts';
import { type FanOutPlace, findFanOut, isFinal, type NamedFanOuts } from './find-fan-out.ts';
import { printFanOuts } from './show.ts';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

export async function cancelFanOuts(
  named: NamedFanOuts,
  client: Pick<AdminClient, 'fanOuts' | 'cancelFanOut'>,
  terminal: Terminal,
): Promise<void> {
  await forEach(named, client, terminal, false, ({ namespace, fanOut }, id) =>
    client.cancelFanOut(namespace, fanOut, id),
  );
}

/** `quiet`: the job is shown later. */
export async function redriveFanOuts(
  named: NamedFanOuts & { readonly quiet: boolean },
  client: Pick<AdminClient, 'fanOuts' | 'redriveFanOut'>,
  terminal: Terminal,
): Promise<void> {
  await forEach(named, client, terminal, named.quiet, ({ namespace, fanOut }, id) =>
    client.redriveFanOut(namespace, fanOut, id),
  );
}

async function forEach(
  named: NamedFanOuts,
  client: Pick<AdminClient, 'fanOuts'>,
  terminal: Terminal,
  quiet: boolean,
  act: (place: FanOutPlace, id: string) => Promise<FanOutSummary>,
): Promise<void> {
  const place = await findFanOut(named, client);
  const after: FanOutSummary[] = [];
  let failed = false;
  for (const id of named.ids) {
    try {
      after.push(await act(place, id));
    } catch (error) {
      // One that is in another state does not keep the others.
      if (named.ids.length === 1 || !(error instanceof TenfoldError) || error.retryable) throw error;
      failed = true;
      terminal.say(`${terminal.err.red(id)}: ${error.message}`);
    }
  }
  if (after.length > 0 && !quiet) printFanOuts(after, { format: named.format, one: true }, terminal);
  if (failed) terminal.exitCode = exitCodes.refused.code;
}

/** A platform that starts anew meanwhile does not end the wait. */
export async function waitForFanOuts(
  named: NamedFanOuts & { readonly timeoutMs: number },
  client: Pick<AdminClient, 'fanOuts' | 'fanOutJob'>,
  terminal: Terminal,
): Promise<void> {
  const { namespace, fanOut } = await findFanOut(named, client);
  const end = performance.now() + named.timeoutMs;
  const jobs = new Map<string, FanOutSummary | undefined>(named.ids.map(id => [id, undefined]));
  const progress = createProgress('items done', terminal);
  try {
    for (let wait = FIRST_PAUSE_MS; ; wait = Math.min(wait * 1.5, LONGEST_PAUSE_MS)) {
      for (const [id, known] of jobs) {
        if (known && isFinal(known)) continue;
        jobs.set(id, await look(() => client.fanOutJob(namespace, fanOut, id), known));
      }
      const running = [...jobs].filter(([, job]) => !job || !isFinal(job));
      if (running.length === 0) break;
      const items = [...jobs.values()].flatMap(job => job?.items ?? []);
      const done = items.reduce((sum, { succeeded, failed }) => sum + succeeded + failed, 0);
      progress.update(
        done,
        items.reduce((sum, { total }) => sum + total, 0),
      );
      if (performance.now() >= end) throw notInTime(running, named.timeoutMs);
      await pause(Math.max(0, Math.min(wait, end - performance.now())));
    }
  } finally {
    progress.end();
  }
  const ended = [...jobs.values()].filter(job => job !== undefined);
  printFanOuts(ended, { format: named.format, one: true }, terminal);
  terminal.exitCode = Math.max(...ended.map(exitFor));
}

async function look(
  ask: () => Promise<FanOutSummary>,
  before: FanOutSummary | undefined,
): Promise<FanOutSummary | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (isRetryable(error) || (error instanceof CommandError && error.code === 'platform-unreachable')) return before;
    throw error;
  }
}

function notInTime(left: readonly [string, FanOutSummary | undefined][], timeoutMs: number): CommandError {
  const states = left.map(([id, job]) => `${id} is ${job?.state ?? 'not known'}`);
  return new CommandError('not-in-time', `Not done within ${formatDuration(timeoutMs)}: ${states.join(', ')}.`, {
    hint: 'wait on with --timeout, or see what keeps it with "tenfold fanouts show".',
  });
}

function exitFor({ state }: FanOutSummary): number {
  if (state === 'succeeded') return exitCodes.ok.code;
  return state === 'cancelled' ? exitCodes.refused.code : exitCodes.failed.code;
}
