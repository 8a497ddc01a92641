// Says once when the API server stops answering and once when it answers again, however many watches notice; who waits is woken then.
import { sleep, type World } from '../../core/world.ts';

export interface Outages {
  /** Why the cluster cannot be followed; undefined while it can. */
  readonly reason: string | undefined;
  failed(who: string, error: unknown): void;
  recovered(who: string): void;
  /** Resolves after `ms`, or as soon as somebody else has recovered, or when `signal` aborts. */
  pause(world: World, ms: number, signal: AbortSignal): Promise<void>;
}

export type Log = (
  level: 'info' | 'warn' | 'error',
  message: string,
  fields?: Readonly<Record<string, unknown>>,
) => void;

export function createOutages(log: Log): Outages {
  const failing = new Set<string>();
  let reason: string | undefined;
  let recovery = new AbortController();
  return {
    get reason() {
      return reason;
    },
    failed(who, error) {
      reason = reasonOf(error);
      if (failing.size === 0) log('warn', 'the cluster cannot be followed', { what: who, reason });
      failing.add(who);
    },
    recovered(who) {
      const failed = failing.delete(who);
      // Whoever waits may try now, though this one had not failed often enough to be told of.
      recovery.abort();
      recovery = new AbortController();
      if (!failed || failing.size > 0) return;
      reason = undefined;
      log('info', 'the cluster is followed again');
    },
    async pause(world, ms, signal) {
      await sleep(world, ms, AbortSignal.any([signal, recovery.signal])).catch(() => {});
    },
  };
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
