// `tenfold fanouts cancel`, `redrive` and `wait`.
import { setTimeout as pause } from 'node:timers/promises';
import type { FanOutSummary } from '../../admin/fan-out-view.ts';
import {
  actOnEach,
  exitFor,
  FIRST_PAUSE_MS,
  isFinal,
  LONGEST_PAUSE_MS,
  notInTime,
  readJob,
} from '../events/job-actions.ts';
import { createProgress } from '../output/progress.ts';
import type { AdminClient } from '../platform/admin-client.ts';
import type { Terminal } from '../terminal.ts';
import { type FanOutPlace, findFanOut, type NamedFanOuts } from './find-fan-out.ts';
import { printFanOuts } from './show.ts';

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
  const after = await actOnEach(named.ids, id => act(place, id), terminal);
  if (after.length > 0 && !quiet) printFanOuts(after, { format: named.format, one: true }, terminal);
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
        jobs.set(id, await readJob(() => client.fanOutJob(namespace, fanOut, id), known));
      }
      const running = [...jobs].filter(([, job]) => !job || !isFinal(job));
      if (running.length === 0) break;
      const items = [...jobs.values()].flatMap(job => job?.items ?? []);
      const done = items.reduce((sum, { succeeded, failed }) => sum + succeeded + failed, 0);
      progress.update(
        done,
        items.reduce((sum, { total }) => sum + total, 0),
      );
      if (performance.now() >= end)
        throw notInTime(running, named.timeoutMs, 'what keeps it with "tenfold fanouts show"');
      await pause(Math.max(0, Math.min(wait, end - performance.now())));
    }
  } finally {
    progress.end();
  }
  const ended = [...jobs.values()].filter(job => job !== undefined);
  printFanOuts(ended, { format: named.format, one: true }, terminal);
  terminal.exitCode = exitFor(ended);
}
