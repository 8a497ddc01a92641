// Errors that a function throws on purpose: an HTTP status and a problem document (RFC 9457).
import { hasInstance, isTagged } from './tagged.ts';

const TAG = Symbol.for('tenfold.problem');

export interface ProblemOptions {
  /** The details of this failure, for the caller to read. */
  readonly detail?: string;
  /** Short summary of the kind of problem; the status' own phrase when absent. */
  readonly title?: string;
  /** URI reference that names the kind of problem; `about:blank` when absent. */
  readonly type?: string;
  /** Further members of the problem document. */
  readonly extensions?: Readonly<Record<string, unknown>>;
  /** Headers of the response. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Seconds after which trying again makes sense; becomes `Retry-After`. */
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
}

export class HttpProblem extends Error {
  override readonly name: string = 'HttpProblem';
  readonly [TAG] = true;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The document that the caller sees, without the trace id. */
  readonly document: Readonly<Record<string, unknown>>;

  constructor(status: number, options: ProblemOptions = {}) {
    if (!Number.isInteger(status) || status < 400 || status > 599) {
      throw new RangeError(`A problem has a status from 400 to 599, not ${status}.`);
    }
    const title = options.title ?? phraseOf(status);
    super(options.detail ?? title, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = status;
    this.headers = {
      ...options.headers,
      ...(options.retryAfterSeconds === undefined
        ? {}
        : { 'retry-after': String(Math.ceil(options.retryAfterSeconds)) }),
    };
    this.document = {
      ...options.extensions,
      type: options.type ?? 'about:blank',
      title,
      status,
      ...(options.detail === undefined ? {} : { detail: options.detail }),
    };
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    // biome-ignore lint/complexity/noThisInStatic: the class that was asked, which may be a derived one
    return hasInstance(HttpProblem, this, value, TAG);
  }
}

/**
 * The status' reason phrase. Importing node:http as a module would load all of fetch with it:
 * 30 ms of every cold start.
 */
function phraseOf(status: number): string {
  return process.getBuiltinModule('node:http').STATUS_CODES[status] ?? 'Problem';
}

/** An error to throw: `throw problem(404, { detail: 'No order has this id.' })`. */
export function problem(status: number, options: ProblemOptions = {}): HttpProblem {
  return new HttpProblem(status, options);
}

/**
 * For an event that can never be handled: it is not tried again, whatever the
 * retry policy (status 422).
 */
export function doNotRetry(detail: string, options: Omit<ProblemOptions, 'detail'> = {}): HttpProblem {
  return new HttpProblem(422, { ...options, detail });
}

/**
 * For work that may succeed later: tried again no sooner than `seconds` from now (status 503 with
 * `Retry-After`). It speaks for the whole function: nobody calls it for
 * that long, at most a minute.
 */
export function retryAfter(seconds: number, detail?: string): HttpProblem {
  return new HttpProblem(503, { retryAfterSeconds: seconds, ...(detail === undefined ? {} : { detail }) });
}

export function isHttpProblem(value: unknown): value is HttpProblem {
  return isTagged(value, TAG);
}
