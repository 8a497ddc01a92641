// Logs once when the API server stops answering and once when it answers again, however many
// watches notice; the recovery wakes waiting callers.
import { sleep, type World } from '../../core/world.ts';

export interface Outages {
  /** Why the cluster cannot be followed; undefined while it can. */
  readonly reason: string | undefined;
  failed(who: string, error: unknown): void;
  recovered(who: string): void;
  /**
   * Waits after a failure, whether it was reported or not. Resolves after `ms`, as soon as another
   * caller has recovered, or when `signal` aborts.
   */
  pause(who: string, world: World, ms: number, signal: AbortSignal): Promise<void>;
}

export type Log = (
  level: 'info' | 'warn' | 'error',
  message: string,
  fields?: Readonly<Record<string, unknown>>,
) => void;

export function createOutages(log: Log): Outages {
  /** Callers that have failed since their last success, also those that were not reported. */
  const troubled = new Set<string>();
  let reason: string | undefined;
  let recovery = new AbortController();
  return {
    get reason() {
      return reason;
    },
    failed(who, error) {
      troubled.add(who);
      const isNew = reason === undefined;
      reason = reasonOf(error);
      if (isNew) log('warn', 'the cluster cannot be followed', { what: who, reason });
    },
    recovered(who) {
      troubled.delete(who);
      // Waiting callers may try now, even when this one had not failed often enough for a report.
      recovery.abort();
      recovery = new AbortController();
      if (reason === undefined || troubled.size > 0) return;
      reason = undefined;
      log('info', 'the cluster is followed again');
    },
    async pause(who, world, ms, signal) {
      troubled.add(who);
      await sleep(world, ms, AbortSignal.any([signal, recovery.signal])).catch(() => {});
      if (signal.aborted) troubled.delete(who);
    },
  };
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
