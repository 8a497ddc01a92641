// Tells who reads Views in a process what the folds of the same process have just changed.

export interface ViewSignals {
  /** `group`: that of the layout. `keys`: rows, members, owners or documents that are others now. Must not throw. */
  changed(group: string, keys: readonly string[]): void;
  listen(listener: (group: string, keys: readonly string[]) => void): void;
}

export function createViewSignals(): ViewSignals {
  const listeners: ((group: string, keys: readonly string[]) => void)[] = [];
  return {
    changed(group, keys) {
      for (const listener of listeners) listener(group, keys);
    },
    listen(listener) {
      listeners.push(listener);
    },
  };
}
