// Operations in the admin API: one action on many dead letters, parked events or jobs, planned
// first and then carried out by the server, whoever asked for it.
import type { ConsumerName } from '../consumer-name.ts';
import type { JobSummary } from '../job-view.ts';
import type { Page } from '../page.ts';
import type { DeadLetterEdit, DeadLetterFilter } from './dead-letter-view.ts';

/**
 * The first four are for dead letters, `retry-now` and `give-up` for the heads of parked keys, and
 * `cancel` for jobs of a Queue.
 */
export const operationActions = ['redrive', 'edit', 'skip', 'purge', 'retry-now', 'give-up', 'cancel'] as const;

export type OperationAction = (typeof operationActions)[number];

/**
 * `planned`: it waits for its start. `stopping`: a person ended it, and items that were asked for
 * before have no result yet. `stopped`: nothing more happens. `failed`: it cannot go on. A running
 * operation whose `problem` is set tries again.
 */
export const operationStates = ['planned', 'running', 'paused', 'stopping', 'stopped', 'failed', 'done'] as const;

export type OperationState = (typeof operationStates)[number];

/** `merge`: a JSON merge patch (RFC 7396) of the data of each event. */
export type OperationEdit = DeadLetterEdit | { readonly merge: Readonly<Record<string, unknown>> };

export interface OperationFilter extends DeadLetterFilter {
  /** `cancel`: only jobs in this state; without it all that have not ended. */
  readonly state?: JobSummary['state'];
}

export interface OperationRequest {
  readonly action: OperationAction;
  readonly consumer: ConsumerName;
  readonly ids?: readonly string[];
  readonly query?: OperationFilter;
  readonly edit?: OperationEdit;
  /** The most items in a second; undefined: as fast as the log takes them. */
  readonly rate?: number;
}

export interface OperationGroup {
  readonly id: string;
  readonly cause: string;
  readonly count: number;
}

export interface OperationReport {
  readonly id: string;
  readonly action: OperationAction;
  readonly consumer: ConsumerName;
  readonly state: OperationState;
  /** The number of items that the plan found. Items that come later are not its own. */
  readonly total: number;
  /** Dead letters of the plan by cause, those with the most first; at most fifty. */
  readonly groups?: readonly OperationGroup[];
  /** The first items of the plan. */
  readonly sample: readonly string[];
  /** The plan could not reach this: one sentence each. */
  readonly notes: readonly string[];
  readonly rate?: number;
  readonly done: number;
  /** Items that could not be taken; their results say why. */
  readonly refused: number;
  /** Items of which nobody can say whether they were taken; their results say why. */
  readonly inDoubt: number;
  readonly left: number;
  /** How long the rest will take, milliseconds; undefined while it is not running. */
  readonly etaMs?: number;
  /** RFC 3339. */
  readonly plannedAt: string;
  /** Until then it can be started. */
  readonly startBy: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  /** Until then it and its results are kept. */
  readonly keptUntil: string;
  /** Why it makes no progress for the moment, or why it has failed. */
  readonly problem?: string;
}

/** Only who has seen the plan can start it. */
export interface OperationPlan extends OperationReport {
  readonly token: string;
}

/**
 * `refused`: nothing was changed, also where another order overtook it. `in-doubt`: the process
 * ended while it was asked for, or no owner has told what came of it.
 */
export type ItemOutcome = 'done' | 'refused' | 'in-doubt';

export interface ItemResult {
  readonly id: string;
  readonly outcome: ItemOutcome;
  readonly message?: string;
}

export interface ItemQuery {
  readonly limit: number;
  readonly after?: string;
  /** Only those that are not `done`. */
  readonly failed?: boolean;
}

/** An operation is in the namespace of its consumer. */
export interface OperationName {
  readonly namespace: string;
  readonly id: string;
}

export interface OperationListQuery {
  readonly namespace?: string;
  /** Only those in these namespaces. Without it in all. */
  readonly visible?: ((namespace: string) => boolean) | undefined;
  readonly limit: number;
  readonly after?: string;
}

/** The person who asked, for the audit log. */
export interface Asker {
  readonly by: string;
  readonly from: string;
  readonly client?: string | undefined;
}

/**
 * Throws `not-found` for operations and consumers that are none, `conflict` for what makes no sense
 * now, `log-unavailable` and `store-unavailable`.
 */
export interface OperationControl {
  /**
   * Finds the items and keeps them. Nothing else happens before the start. A plan of no items is
   * `done`, and not kept.
   */
  plan(request: OperationRequest, signal: AbortSignal): Promise<OperationPlan>;
  start(name: OperationName, token: string, asker: Asker): Promise<OperationReport>;
  pause(name: OperationName): Promise<OperationReport>;
  resume(name: OperationName): Promise<OperationReport>;
  stop(name: OperationName): Promise<OperationReport>;
  read(name: OperationName): Promise<OperationReport>;
  /** The newest first. */
  list(query: OperationListQuery): Promise<Page<OperationReport>>;
  /** Results in the order in which the items were taken. */
  items(name: OperationName, query: ItemQuery): Promise<Page<ItemResult>>;
}
