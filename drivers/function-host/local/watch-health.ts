// Asks one instance again and again whether it lives, and says when it has not answered for too
// long. With patience: it may compute for a while.
import { sleep, type World } from '../../../core/world.ts';
import type { HealthChecks } from '../function-host.ts';

export interface HealthListener {
  /** It has not answered for `unreadyAfterMs`. */
  silent(): void;
  /** It answers again. */
  back(): void;
  /** It has not answered for `restartAfterMs`; it is not asked any more. */
  hung(): void;
}

export interface HealthWatch {
  close(): void;
}

/** Whether it answered in time. Resolves within that time. */
export type Check = (path: string, timeoutMs: number) => Promise<boolean>;

const EVERY_MS = 5_000;
const ANSWER_MS = 10_000;

export function watchHealth(world: World, health: HealthChecks, check: Check, listener: HealthListener): HealthWatch {
  const { path, unreadyAfterMs, restartAfterMs } = health;
  const ended = new AbortController();
  // Several attempts fit into each time: one alone may fail because this process itself was busy.
  const shortest = Math.min(unreadyAfterMs, restartAfterMs);
  const answerMs = Math.min(ANSWER_MS, shortest / 2);
  const everyMs = Math.min(EVERY_MS, shortest / 4);

  async function run(): Promise<void> {
    let silentSince = 0;
    let failures = 0;
    let isSilent = false;
    for (;;) {
      await sleep(world, everyMs, ended.signal);
      const askedAt = world.monotonic();
      const answers = await check(path, answerMs);
      if (ended.signal.aborted) return;
      if (answers) {
        if (isSilent) listener.back();
        isSilent = false;
        failures = 0;
        continue;
      }
      if (failures === 0) silentSince = askedAt;
      failures++;
      // A time in which this process itself stood still, as on a machine that sleeps, counts for
      // one attempt at most.
      const silentMs = Math.min(world.monotonic() - silentSince, failures * (everyMs + answerMs));
      if (silentMs >= restartAfterMs) return listener.hung();
      if (silentMs >= unreadyAfterMs && !isSilent) {
        isSilent = true;
        listener.silent();
      }
    }
  }

  run().catch(error => {
    if (!ended.signal.aborted) throw error;
  });
  return { close: () => ended.abort() };
}
