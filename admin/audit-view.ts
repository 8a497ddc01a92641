// The audit log: it tells who changed something by the admin API, and how that ended.
import type { Page } from './page.ts';

/**
 * `cut off`: the caller left before the answer. `unknown`: the process ended in the midst of it.
 */
export const auditOutcomes = ['done', 'refused', 'failed', 'cut off', 'unknown'] as const;
export type AuditOutcome = (typeof auditOutcomes)[number];

export interface AuditBegun {
  /** Unique. */
  readonly id: string;
  /** RFC 3339. */
  readonly at: string;
  /** Method and path, such as `POST /api/consumers/Subscription/default/wall/pause`. */
  readonly action: string;
  /** The caller, as its credentials name it, such as `admin token` or `token ci`. */
  readonly by: string;
  /** Address that the call came from. */
  readonly from: string;
  /**
   * The caller's own words for itself, which nobody has checked: at most 200 characters, and 60 of
   * a refused sign-in.
   */
  readonly client?: string | undefined;
}

export interface AuditEntry extends AuditBegun {
  readonly outcome: AuditOutcome;
  /** The namespace of what it touched; absent for what belongs to none, and in old entries. */
  readonly namespace?: string | undefined;
  /** The body of the call, without data of events; or its size, where that is large. */
  readonly asked?: unknown;
  /** HTTP status of the answer. */
  readonly status?: number | undefined;
  /** How long it took, milliseconds. */
  readonly ms?: number | undefined;
  /** How many items a command has taken, and of how many it could not. */
  readonly taken?: number | undefined;
  readonly failed?: number | undefined;
  /** The id of the operation that it planned. */
  readonly operation?: string | undefined;
  /** Refused sign-ins before this one that have no entry, as there were too many. */
  readonly untold?: number | undefined;
}

export interface AuditQuery {
  readonly limit: number;
  /** The `next` of an earlier answer. */
  readonly after?: string;
  /** Only entries of these namespaces. Without it all. */
  readonly visible?: ((namespace: string) => boolean) | undefined;
  /** The name of the caller, and the action, mention these texts, in upper or lower case. */
  readonly by?: string | undefined;
  readonly action?: string | undefined;
  readonly outcome?: AuditOutcome | undefined;
  /** It began from the first on and before the second, milliseconds since 1970. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
}

export interface AuditControl {
  /** Resolves when it is stored, or cannot be for the moment: an action never waits for long. */
  begun(entry: AuditBegun): Promise<void>;
  ended(entry: AuditEntry): void;
  /** An operation without a beginning of its own, such as a sign-in. */
  happened(entry: AuditEntry): void;
  /** The newest first. `unsupported` where the process has no log to keep them in. */
  list(query: AuditQuery): Promise<Page<AuditEntry>>;
}

export const noAudit: AuditControl = {
  begun: async () => {},
  ended() {},
  happened() {},
  list: async () => ({ items: [] }),
};
