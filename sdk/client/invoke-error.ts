// The error with which a client's call fails: which call, which status, and
// whether trying again may help.
import { hasInstance } from '../tagged.ts';

const TAG = Symbol.for('tenfold.invoke-error');
const RETRYABLE = new Set([408, 425, 429, 502, 503, 504]);

export interface InvokeErrorOptions {
  /** HTTP status of the answer; undefined when there was none. */
  readonly status?: number;
  /** The answer's problem document, or its body when it is none. */
  readonly problem?: unknown;
  /** From `Retry-After`, in seconds. */
  readonly retryAfterSeconds?: number;
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

/**
 * When a function rethrows it, its own caller gets a plain 500, so nothing about the service behind
 * leaks by accident. A 429 or 503 becomes a 503 with its `Retry-After`.
 */
export class InvokeError extends Error {
  override readonly name: string = 'InvokeError';
  readonly [TAG] = true;
  /** The called target, e.g. `POST /functions/orders/checkout`. */
  readonly target: string;
  readonly status: number | undefined;
  readonly problem: unknown;
  readonly retryAfterSeconds: number | undefined;
  readonly retryable: boolean;

  constructor(target: string, message: string, options: InvokeErrorOptions = {}) {
    super(`${target}: ${message}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.target = target;
    this.status = options.status;
    this.problem = options.problem;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.retryable = options.retryable ?? (options.status !== undefined && RETRYABLE.has(options.status));
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    // biome-ignore lint/complexity/noThisInStatic: the class that was asked, which may be a derived one
    return hasInstance(InvokeError, this, value, TAG);
  }
}
