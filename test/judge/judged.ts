// What the judge of deliveries keeps of each event, of each lane and of each call, and what
// it asks of whoever watches.
//
// Who can know what:
// | | simulation | kills | chaos |
// |---|---|---|---|
// | time | virtual, exact | order of calls alone | real, in the order in which one server saw it |
// | who calls | each process | one process between two kills | nobody says |
// | what a caller heard | exactly | exactly, but of the last call before a kill | yes, no, or
// perhaps (connections tell) |
// | owners that began anew | each claim in the log | each kill | what was broken
// meanwhile, and for how long after |
// | given up | by the log, at once | after all attempts; by dead letters in the end | by
// dead letters in the end |
// | copies and lives | redrives | one | copies that another client finds in the log |

/** `perhaps`: nobody can say. */
export type Perhaps = boolean | 'perhaps';

/**
 * Events that are delivered one after the other: those of a key in a partition, or of a partition.
 */
export interface Lane<E> {
  readonly name: string;
  /** In the order of the log. */
  readonly events: E[];
  /** The place of each of them. */
  readonly places: number[];
  /** All before it are closed. */
  open: number;
  readonly underWay: Set<JudgedCall<E>>;
  /** How far each caller has come, and when. */
  readonly furthest: Map<string, { readonly place: number; readonly name: string; readonly since: number }>;
}

export interface Place<E> {
  readonly lane: Lane<E>;
  /** Its offset, or another number that grows in the order of the log. */
  readonly at: number;
}

/** What a caller knows of an event, as of then. */
export interface Knowledge {
  readonly by: string;
  readonly since: number;
  readonly lives: number;
}

export interface Judged {
  /** For people. */
  readonly name: string;
  /** Attempts that began. */
  attempts: number;
  /** When the first one did. */
  first: number | undefined;
  /** Attempts that failed and have to be remembered. */
  failed: number;
  /** Attempts that its caller may take for failed. */
  mayCount: number;
  /** A caller was told, or may have heard, that it was handled. */
  settled: boolean;
  /** Who was told for sure. */
  told: Knowledge | undefined;
  /** Who was told that it fails for good. */
  refused: Knowledge | undefined;
  /** Who was told that an attempt failed that counts, and which. */
  counted: (Knowledge & { readonly attempt: number }) | undefined;
  /** The latest of its attempts that have ended, and when it began. */
  last: { readonly number: number; readonly began: number; readonly succeeded: Perhaps } | undefined;
}

export const neverTried = (): Omit<Judged, 'name'> => ({
  attempts: 0,
  first: undefined,
  failed: 0,
  mayCount: 0,
  settled: false,
  told: undefined,
  refused: undefined,
  counted: undefined,
  last: undefined,
});

/** One event in a call. */
export interface JudgedCall<E> {
  readonly event: E;
  readonly by: string;
  readonly began: number;
  /** What its caller says of it: which attempt it is. */
  readonly attempt: number | undefined;
  /** Which attempt at the event it was by count. */
  readonly number: number;
  /** Whether its caller still waits for the answer. */
  readonly waits: () => Perhaps;
  /** What began beside it in its lane while its caller may have waited. */
  readonly beside: string[];
}

export interface Answered {
  /** `later`: no attempt was made. */
  readonly outcome: 'done' | 'failed' | 'refused' | 'later';
  /** Whether the caller hears of it. */
  readonly told: Perhaps;
  /** The caller has to remember a failure as an attempt; `perhaps`: it may. */
  readonly counts?: Perhaps;
}

/** What only whoever watches can know. */
export interface Witness<E> {
  /** No attempt at it is due any more: it was given up, filtered, or taken by retention. */
  isOver(event: E): boolean;
  /** Now, for `takeOvers`. */
  moment(event: E): number;
  /** How many owners may have begun since then without all that the one before knew. */
  takeOvers(event: E, since: number): number;
  /**
   * How many budgets it has: one, and one more for each copy of it or each time
   * a person brought it back.
   */
  lives(event: E): number;
}
