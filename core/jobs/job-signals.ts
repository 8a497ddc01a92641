// Signals at once that a job changed or is to be cancelled; the store shows it a little later.

export interface Signal {
  tell(name: string): void;
  /** Answers with what ends the listening. */
  listen(name: string, listener: () => void): () => void;
}

export interface JobSignals {
  /** The row of a job was written; by `jobSignalOf`. */
  readonly changed: Signal;
  /** A caller has asked to cancel a job. */
  readonly cancelled: Signal;
}

export function createJobSignals(): JobSignals {
  return { changed: createSignal(), cancelled: createSignal() };
}

export function jobSignalOf(namespace: string, queue: string, id: string): string {
  return `${namespace}/${queue}/${id}`;
}

function createSignal(): Signal {
  const listeners = new Map<string, Set<() => void>>();
  return {
    tell(name) {
      for (const listener of [...(listeners.get(name) ?? [])]) listener();
    },
    listen(name, listener) {
      const known = listeners.get(name) ?? new Set();
      known.add(listener);
      listeners.set(name, known);
      return () => {
        known.delete(listener);
        if (known.size === 0 && listeners.get(name) === known) listeners.delete(name);
      };
    },
  };
}
