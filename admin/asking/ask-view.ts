// Questions that a person asks by the admin API, as a client would ask them: a View for rows.
import { TenfoldError } from '../../core/errors.ts';

/** Bounds of one question, which the admin API checks. */
export const askLimits = {
  /** Parameters of a question to a View, and characters of one value. */
  parameters: 32,
  valueLength: 8192,
  /** Most bytes of the answer of a View. */
  rowBytes: 4 * 1024 * 1024,
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

export interface AskControl {
  /**
   * Throws as the View does for a client: `not-found`, also for a row that is none, `bad-request`,
   * `not-ready`; and `query-too-large` for an answer of more bytes than there may be.
   */
  view(request: ViewRequest, signal: AbortSignal): Promise<ViewRows>;
}

export const noAsks: AskControl = { view: nobody };

async function nobody(): Promise<never> {
  throw new TenfoldError('not-found', 'Nothing that could be asked runs here.');
}
