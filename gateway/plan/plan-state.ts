// State that must survive a change of the plan: counters, breakers, caches, keys, reports. Kept by
// name from one compile to the next.

export interface PlanState {
  /**
   * The value under `key`, made by `create` when no earlier plan had it. The key must name
   * everything that makes the value what it is, e.g. `cache/default/shop/GET /menu`. A value whose
   * settings change takes them over itself, or has them in its key.
   */
  keep<T>(key: string, create: () => T): T;
}

export interface PlanStateStore {
  /** Begins a compile: what it keeps is remembered apart until `commit`. */
  begin(): PlanState & {
    /**
     * The compiled plan is in force: what it did not ask for is closed (when it has
     * a `close`) and forgotten.
     */
    commit(): void;
  };
  close(): void;
}

export function createPlanStateStore(): PlanStateStore {
  let current = new Map<string, unknown>();
  return {
    begin() {
      const next = new Map<string, unknown>();
      return {
        keep<T>(key: string, create: () => T): T {
          if (!next.has(key)) next.set(key, current.has(key) ? current.get(key) : create());
          return next.get(key) as T;
        },
        commit() {
          for (const [key, value] of current) if (!next.has(key)) closeValue(value);
          current = next;
        },
      };
    },
    close() {
      for (const value of current.values()) closeValue(value);
      current.clear();
    },
  };
}

function closeValue(value: unknown): void {
  if (typeof value === 'object' && value !== null && 'close' in value && typeof value.close === 'function')
    value.close();
}
