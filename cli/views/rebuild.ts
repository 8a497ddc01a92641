// `tenfold views rebuild`: begins to build a View anew and, if wished, waits until it serves.

import { setTimeout as pause } from 'node:timers/promises';
import { isRetryable, TenfoldError } from '../../core/errors.ts';
import { formatDuration } from '../../core/units/duration.ts';
import { inNamespace } from '../events/in-namespace.ts';
import { createProgress } from '../output/progress.ts';
import type { AdminClient } from '../platform/admin-client.ts';
import type { Terminal } from '../terminal.ts';
import { nameOfView, showViews, type ViewsRequest } from './list.ts';

const LOOK_EVERY_MS = 250;
/**
 * The worker that folds a View checks its generations once a second; until then a new one is not in
 * the report.
 */
const UNSEEN_MS = 10_000;

export async function rebuildView(
  { name, namespace = 'default', format, wait }: ViewsRequest & { readonly wait: number | undefined },
  client: Pick<AdminClient, 'view' | 'rebuildView'>,
  terminal: Terminal,
): Promise<void> {
  const view = nameOfView(name);
  const { generation } = await client.rebuildView(namespace, view);
  if (wait === undefined) {
    const follow = `tenfold views show ${view}${inNamespace(namespace)}`;
    terminal.say(`Generation ${generation} of ${view} is being built. Follow it with "${follow}".`);
    return;
  }
  const until = performance.now() + wait;
  let unseenUntil = performance.now() + UNSEEN_MS;
  const progress = createProgress('read', terminal);
  let most = 0;
  try {
    for (;;) {
      const report = await client.view(namespace, view).catch(error => {
        // The platform may be starting anew: the rebuild continues after that.
        if (isRetryable(error) && performance.now() < until) return undefined;
        throw error;
      });
      if (report?.generation === generation) {
        progress.end();
        return showViews([report], { format, one: true }, terminal);
      }
      if (report?.building?.generation === generation) unseenUntil = 0;
      else if (report && performance.now() >= unseenUntil) {
        const message = `Generation ${generation} of ${view} is not built any more: its definition has changed meanwhile.`;
        throw new TenfoldError('conflict', message);
      }
      const behind = report?.building?.behind ?? 0;
      most = Math.max(most, behind);
      if (most > 0) progress.update(most - behind, most);
      if (performance.now() >= until) {
        const message = `${view} has not been built within ${formatDuration(wait)}; it goes on.`;
        throw new TenfoldError('timeout', message);
      }
      await pause(LOOK_EVERY_MS);
    }
  } finally {
    progress.end();
  }
}
