// Tells who reads Views what folds have just changed.

export interface ViewSignals {
  /**
   * `group`: that of the layout. `keys`: rows, members, owners or documents that are
   * others now. Must not throw.
   */
  changed(group: string, keys: readonly string[]): void;
  /** Answers of the group are kept here for so long: folds in other processes shall tell, too. */
  keeps(group: string, forMs: number): void;
  listen(listener: (group: string, keys: readonly string[]) => void): void;
}

export function createViewSignals(): ViewSignals {
  const listeners: ((group: string, keys: readonly string[]) => void)[] = [];
  return {
    changed(group, keys) {
      for (const listener of listeners) listener(group, keys);
    },
    keeps() {},
    listen(listener) {
      listeners.push(listener);
    },
  };
}
