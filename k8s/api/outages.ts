// Says once when the API server stops answering and once when it answers again, however many watches notice.

export interface Outages {
  failed(who: string, error: unknown): void;
  recovered(who: string): void;
}

export type Log = (
  level: 'info' | 'warn' | 'error',
  message: string,
  fields?: Readonly<Record<string, unknown>>,
) => void;

export function createOutages(log: Log): Outages {
  const failing = new Set<string>();
  return {
    failed(who, error) {
      if (failing.size === 0) log('warn', 'the cluster cannot be followed', { what: who, reason: reasonOf(error) });
      failing.add(who);
    },
    recovered(who) {
      if (failing.delete(who) && failing.size === 0) log('info', 'the cluster is followed again');
    },
  };
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
