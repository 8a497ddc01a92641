// The port to limits: how much of one this process may use, whether it has it for itself or
// shares it with other processes.

/**
 * A user of a budget, as the process that shares out the budget sees it. Units are calls in flight,
 * or calls started within the last period of a rate.
 */
export interface BudgetUser {
  /** Units that are in use now and cannot be given up at once. */
  inUse(): number;
  /**
   * The most that it could have used at one time since it was last asked: in use, waiting,
   * and refused for want of it.
   */
  demand(): number;
  /**
   * How long what was begun may stay in use after this process has died, milliseconds: so
   * long others do without it.
   */
  lingerMs(): number;
  /** More may be used than before. */
  grown(): void;
}

export interface Budget {
  /**
   * Units that may be in use at this moment, at most `limit`. Callers ask before each start, since
   * the allowance can fall, even to 0, at any time. `now` is the monotonic clock.
   */
  allowance(limit: number, now: number): number;
  /**
   * The allowance keeps somebody waiting; with it `demand` units could be in use. May be
   * called for each who comes.
   */
  need(demand: number): void;
  /** Nothing is held yet, and an answer is on its way. */
  readonly cold: boolean;
  /** Units that this process holds, for metrics; undefined where the limit is not shared. */
  readonly held: number | undefined;
}

export interface OpenBudget {
  /** Names the limit for all processes. */
  readonly name: string;
  readonly limit: number;
  readonly user: BudgetUser;
}

/** A budget that is not used gives back what it holds by itself. */
export interface Budgets {
  open(options: OpenBudget): Budget;
}

const WHOLE: Budget = { allowance: limit => limit, need() {}, cold: false, held: undefined };

/** For a process that shares its limits with nobody. */
export const wholeBudgets: Budgets = { open: () => WHOLE };
