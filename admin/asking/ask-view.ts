// Questions that a person asks by the admin API, as a client would ask them: a View for rows, a
// Function or an Api by a request. And the lines that a Function wrote.
import type { Cause } from '../../core/cause.ts';
import { TenfoldError } from '../../core/errors.ts';

/** Bounds of one question, which the admin API checks. */
export const askLimits = {
  /** Parameters of a question to a View, and characters of one value. */
  parameters: 32,
  valueLength: 8192,
  /** Most bytes of the answer of a View. */
  rowBytes: 4 * 1024 * 1024,
  /** Headers of a request to a Function or an Api, and the longest time that it is waited for. */
  headers: 64,
  callMs: 60_000,
  /** Most bytes of the body of its answer. */
  answerBytes: 1024 * 1024,
} as const;

export interface ViewRequest {
  readonly namespace: string;
  readonly name: string;
  /** Name and value in turn, as in the query of a route that leads to the View. */
  readonly query: readonly (readonly [name: string, value: string])[];
}

export interface ViewRows {
  /** The answer that a client gets: one row, or `items` and where there are more, `next`. */
  readonly answer: unknown;
  /** RFC 3339: all events up to then are in it. */
  readonly asOf: string | undefined;
  /** Records on their way to the View. */
  readonly behind: number | undefined;
}

export type FunctionBody = { readonly text: string } | { readonly base64: string };

/** A request to a Function, or to an Api. */
export interface FunctionRequest {
  readonly namespace: string;
  readonly name: string;
  readonly method: string;
  /** At the Function or at the listener, with its query. */
  readonly path: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body?: FunctionBody | undefined;
  /** At most; time limits of the Function and the Api count, too. */
  readonly timeoutMs?: number | undefined;
}

export interface FunctionAnswer {
  /** Any status: the call went through. */
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Text where it is UTF-8. */
  readonly body: FunctionBody;
  readonly bytes: number;
  readonly ms: number;
  /** Its trace id. */
  readonly trace: string;
  /** Why it failed, as the Function told it to the platform alone. */
  readonly cause?: Cause;
}

export interface LineQuery {
  readonly namespace: string;
  readonly name: string;
  /** Only lines with this text in them, in any case. */
  readonly text?: string | undefined;
  /** The `position` of an earlier answer: only later lines, the first ones first. */
  readonly after?: string | undefined;
  readonly limit: number;
}

export interface FunctionLine {
  /** RFC 3339. */
  readonly at: string;
  readonly stream: 'stdout' | 'stderr';
  /** JSON where the Function logged by its context. */
  readonly text: string;
}

/** The lines that the process keeps which hosts the Function. */
export interface FunctionLines {
  /** False where another process or a cluster hosts it, and so nothing is kept here. */
  readonly kept: boolean;
  /** In the order in which they were written. Without `after` the newest ones. */
  readonly items: readonly FunctionLine[];
  /** To be given as `after` for the lines to come. */
  readonly position: string;
  /** Without `after`: earlier lines that are kept, match, and are beyond the limit. */
  readonly earlier: number;
  /** With `after`: there are more lines than the limit. */
  readonly isMore: boolean;
  /** Lines that are kept no longer, of all that it wrote. */
  readonly dropped: number;
}

export interface AskControl {
  /**
   * Sends it through the listener that serves the Api, with nothing but what the request has: no
   * right of the caller at the admin API counts there. Throws `not-found` where no route of the Api
   * takes it, `not-ready` where no listener is here, `timeout`, and `bad-gateway` for no answer.
   */
  request(request: FunctionRequest, signal: AbortSignal): Promise<FunctionAnswer>;
  /**
   * Throws `unknown-function`, and what kept the call from having an answer, such as `timeout`,
   * `function-crashed` or `too-many-requests`, or that its answer is too large.
   */
  invoke(request: FunctionRequest, signal: AbortSignal): Promise<FunctionAnswer>;
  /** Throws `unknown-function`. */
  lines(query: LineQuery): FunctionLines;
  /**
   * Throws as the View does for a client: `not-found`, also for a row that is none, `bad-request`,
   * `not-ready`; and `query-too-large` for an answer of more bytes than there may be.
   */
  view(request: ViewRequest, signal: AbortSignal): Promise<ViewRows>;
}

export const noAsks: AskControl = { view: nobody, request: nobody, invoke: nobody, lines: refuse };

async function nobody(): Promise<never> {
  refuse();
}

function refuse(): never {
  throw new TenfoldError('not-found', 'Nothing that could be asked runs here.');
}
