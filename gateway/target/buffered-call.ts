// A call of our own whose whole answer is wanted: parts of aggregates, fields of GraphQL, shadows, refreshes of the cache.
import { TenfoldError } from '../../core/errors.ts';
import { childContext, type TraceContext } from '../../core/trace-context.ts';
import type { Timer, World } from '../../core/world.ts';
import { toResponseFields } from '../http/response-fields.ts';
import type { UpstreamControl } from '../transport/transport.ts';
import type { Call, Place, Target } from './target.ts';
import { toUpstreamError } from './upstream-error.ts';

export interface Answer {
  readonly status: number;
  /** Name (as received) and value in turn, without hop-by-hop fields. */
  readonly fields: readonly string[];
  readonly body: Buffer;
}

export interface CallInit {
  readonly method: string;
  /** Path with query. */
  readonly path: string;
  readonly headers: readonly string[];
  readonly body: Buffer | string | null;
  readonly trace: TraceContext;
  readonly timeoutMs: number;
  /** Largest body of the answer, bytes. */
  readonly maxBody: number;
  /** Gives the call up from outside. */
  readonly signal?: AbortSignal;
}

/** Calls `target` and answers with its whole answer, whatever its status. Rejects with a TenfoldError, or the signal's reason. */
export function callTarget(world: World, target: Target, init: CallInit): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = new BufferedCall(world, target.label, init, resolve, reject);
    if (!call.ended) target.send(call);
  });
}

class BufferedCall implements Call {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly string[];
  readonly body: Buffer | string | null;
  readonly trace: TraceContext;
  place: Place | undefined;
  readonly #world: World;
  readonly #label: string;
  readonly #init: CallInit;
  readonly #resolve: (answer: Answer) => void;
  readonly #reject: (error: unknown) => void;
  readonly #deadline: number;
  readonly #timer: Timer;
  readonly #onAbort = () => this.fail(this.#init.signal?.reason);
  readonly #chunks: Buffer[] = [];
  #size = 0;
  #status = 0;
  #fields: readonly string[] = [];
  #abort: AbortController | undefined;
  #control: UpstreamControl | undefined;
  #release: (() => void) | undefined;
  #ended = false;

  constructor(
    world: World,
    label: string,
    init: CallInit,
    resolve: (answer: Answer) => void,
    reject: (error: unknown) => void,
  ) {
    this.method = init.method;
    this.path = init.path;
    this.headers = init.headers;
    this.body = init.body;
    this.trace = childContext(init.trace);
    this.#world = world;
    this.#label = label;
    this.#init = init;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#deadline = world.monotonic() + init.timeoutMs;
    this.#timer = world.after(init.timeoutMs, () =>
      this.fail(new TenfoldError('timeout', `No complete answer within ${Math.round(init.timeoutMs)} ms.`)),
    );
    if (init.signal?.aborted) this.fail(init.signal.reason);
    else init.signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  get remainingMs(): number {
    return Math.max(1, Math.round(this.#deadline - this.#world.monotonic()));
  }

  get ended(): boolean {
    return this.#ended;
  }

  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#ended) this.#abort.abort();
    return this.#abort.signal;
  }

  hold(release: () => void): void {
    if (this.#ended) release();
    else this.#release = release;
  }

  fail(error: unknown): void {
    if (this.#ended) return;
    this.#end();
    const reason = error instanceof Error ? error : new Error('The call was given up.', { cause: error });
    this.#abort?.abort(reason);
    this.#control?.abort(reason);
    this.#reject(error);
  }

  onRequestStart(control: UpstreamControl): void {
    this.#control = control;
    if (this.#ended) control.abort(new Error('the call has ended'));
  }

  onResponseStart(control: UpstreamControl, status: number): void {
    if (status < 200) return;
    this.#status = status;
    this.#fields = toResponseFields(control.rawHeaders);
  }

  onResponseData(_control: UpstreamControl, chunk: Buffer): void {
    if (this.#ended) return;
    this.#size += chunk.length;
    if (this.#size > this.#init.maxBody) {
      this.fail(new TenfoldError('bad-gateway', `The answer is larger than ${this.#init.maxBody} bytes.`));
      return;
    }
    this.#chunks.push(chunk);
  }

  onResponseEnd(_control: UpstreamControl): void {
    if (this.#ended) return;
    this.#end();
    const [only] = this.#chunks;
    const body = this.#chunks.length === 1 && only ? only : Buffer.concat(this.#chunks);
    this.#resolve({ status: this.#status, fields: this.#fields, body });
  }

  onResponseError(_control: UpstreamControl, error: Error): void {
    this.fail(toUpstreamError(error, this.#label));
  }

  #end(): void {
    this.#ended = true;
    this.#timer.cancel();
    this.#init.signal?.removeEventListener('abort', this.#onAbort);
    this.#release?.();
    this.#release = undefined;
  }
}
