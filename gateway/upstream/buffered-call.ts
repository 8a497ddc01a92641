// A call of our own whose whole answer is wanted: for aggregates, GraphQL, shadows, the cache.
import type { CallerKind } from '../../core/caller-kind.ts';
import { isTimeout, TenfoldError } from '../../core/errors.ts';
import { callContext, type TraceContext } from '../../core/trace-context.ts';
import type { Timer, World } from '../../core/world.ts';
import type { Call, Place, Target } from '../exchange/target.ts';
import type { RequestVariables } from '../exchange/variables.ts';
import { toResponseFields } from '../http/response-fields.ts';
import type { UpstreamControl } from '../transport/transport.ts';
import { toUpstreamError } from '../transport/upstream-error.ts';
import { variablesOf } from './call-variables.ts';

export interface Answer {
  readonly status: number;
  /** Name (as received) and value in turn, without hop-by-hop fields. */
  readonly fields: readonly string[];
  readonly body: Buffer;
}

/** The first field `name`, in lower case. Costs less than `fields` when few are asked for. */
export function fieldOfAnswer(answer: Answer, name: string): string | undefined {
  const raw = answer instanceof ReceivedAnswer ? answer.raw : answer.fields;
  if (!Array.isArray(raw)) return undefined;
  for (let index = 0; index + 1 < raw.length; index += 2) {
    // Texts or bytes: of both the length tells most names apart.
    if (raw[index].length !== name.length) continue;
    if (latin1(raw[index]).toLowerCase() === name) return latin1(raw[index + 1]);
  }
  return undefined;
}

function latin1(value: unknown): string {
  return Buffer.isBuffer(value) ? value.toString('latin1') : String(value);
}

/**
 * The head as it was received. Most calls read one or two of its fields, and turning all into text
 * costs more than the rest of the call.
 */
class ReceivedAnswer implements Answer {
  readonly status: number;
  readonly body: Buffer;
  readonly raw: UpstreamControl['rawHeaders'];
  readonly #own: boolean;
  #fields: readonly string[] | undefined;

  constructor(status: number, body: Buffer, raw: UpstreamControl['rawHeaders'], own: boolean) {
    this.status = status;
    this.body = body;
    this.raw = raw;
    this.#own = own;
  }

  get fields(): readonly string[] {
    this.#fields ??= toResponseFields(this.raw, undefined, this.#own);
    return this.#fields;
  }
}

export interface CallInit extends Pick<Call, 'priority' | 'party' | 'asksAlone' | 'by'> {
  readonly method: string;
  /** Path with query. */
  readonly path: string;
  readonly headers: readonly string[];
  readonly body: Call['body'];
  readonly trace: TraceContext;
  readonly timeoutMs: number;
  /** Largest body of the answer, bytes. */
  readonly maxBody: number;
  /** Gives the call up from outside. */
  readonly signal?: AbortSignal;
  /** The request that the call serves: aggregates see its parameters, claims and consumer. */
  readonly asker?: Pick<RequestVariables, 'params' | 'claims' | 'consumer'>;
  /** True when the caller ends the call by its deadline: saves a timer. */
  readonly watched?: boolean;
  /** See `Call.workMs`; `timeoutMs` has room for the wait, too. */
  readonly workMs?: number;
}

/** Gets exactly one of the two, unless the call was given up. */
export interface AnswerReceiver {
  /** Whatever its status. */
  answered(answer: Answer): void;
  /** A TenfoldError, or the signal's reason. */
  failed(error: unknown): void;
}

/** Resolves to an answer of any status; rejects with a TenfoldError or the signal's reason. */
export function callTarget(world: World, target: Target, init: CallInit): Promise<Answer> {
  return new Promise((answered, failed) => startCall(world, target, init, { answered, failed }));
}

/** The same without a promise. Returns what gives the call up: then no receiver is called. */
export function startCall(world: World, target: Target, init: CallInit, receiver: AnswerReceiver): () => void {
  const call = new BufferedCall(world, target.label, init, receiver);
  if (!call.ended) target.send(call);
  return () => call.giveUp();
}

/** The answer was given up, as it is larger than its receiver can take. */
export class AnswerTooLarge extends TenfoldError {
  constructor(maxBody: number) {
    super('bad-gateway', `The answer is larger than ${maxBody} bytes.`, { reason: 'upstream.too-large' });
  }
}

class BufferedCall implements Call {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly string[];
  readonly body: Call['body'];
  readonly trace: TraceContext;
  place: Place | undefined;
  readonly #world: World;
  readonly #label: string;
  readonly #init: CallInit;
  readonly #receiver: AnswerReceiver;
  readonly #deadline: number;
  readonly #timer: Timer | undefined;
  readonly #onAbort = () => this.fail(this.#init.signal?.reason);
  readonly #chunks: Buffer[] = [];
  #size = 0;
  #status = 0;
  #raw: UpstreamControl['rawHeaders'];
  #own = false;
  #abort: AbortController | undefined;
  #control: UpstreamControl | undefined;
  #release: (() => void) | undefined;
  #variables: RequestVariables | undefined;
  #ended = false;
  #late = false;

  constructor(world: World, label: string, init: CallInit, receiver: AnswerReceiver) {
    this.method = init.method;
    this.path = init.path;
    this.headers = init.headers;
    this.body = init.body;
    this.trace = callContext(init.trace);
    this.#world = world;
    this.#label = label;
    this.#init = init;
    this.#receiver = receiver;
    this.#deadline = world.monotonic() + init.timeoutMs;
    if (!init.watched) {
      this.#timer = world.after(init.timeoutMs, () =>
        this.fail(
          new TenfoldError('timeout', `No complete answer within ${Math.round(init.timeoutMs)} ms.`, {
            undelivered: this.#control === undefined,
          }),
        ),
      );
    }
    if (init.signal?.aborted) this.fail(init.signal.reason);
    else init.signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  get variables(): RequestVariables {
    this.#variables ??= variablesOf(this.#init);
    return this.#variables;
  }

  get remainingMs(): number {
    return Math.max(1, Math.round(this.#deadline - this.#world.monotonic()));
  }

  get begun(): boolean {
    return this.#status !== 0;
  }

  get ended(): boolean {
    return this.#ended;
  }

  get by(): CallerKind | undefined {
    return this.#init.by;
  }

  get late(): boolean {
    return this.#late;
  }

  get priority(): number | undefined {
    return this.#init.priority;
  }

  get party(): string | undefined {
    return this.#init.party;
  }

  get workMs(): number | undefined {
    return this.#init.workMs;
  }

  get asksAlone(): boolean | undefined {
    return this.#init.asksAlone;
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
    this.#stop(error);
    this.#receiver.failed(error);
  }

  giveUp(): void {
    if (!this.#ended) this.#stop(undefined);
  }

  #stop(error: unknown): void {
    // An owner that watches the time of a call gives it up without an error.
    this.#late = isTimeout(error) || this.remainingMs <= 1;
    this.#end();
    const reason = error instanceof Error ? error : new Error('The call was given up.', { cause: error });
    this.#abort?.abort(reason);
    this.#control?.abort(reason);
  }

  onRequestStart(control: UpstreamControl): void {
    this.#control = control;
    if (this.#ended) control.abort(new Error('the call has ended'));
  }

  onResponseStart(control: UpstreamControl, status: number): void {
    if (status < 200) return;
    this.#status = status;
    this.#raw = control.rawHeaders;
    this.#own = control.own ?? false;
  }

  onResponseData(_control: UpstreamControl, chunk: Buffer): void {
    if (this.#ended) return;
    this.#size += chunk.length;
    if (this.#size > this.#init.maxBody) {
      this.fail(new AnswerTooLarge(this.#init.maxBody));
      return;
    }
    this.#chunks.push(chunk);
  }

  onResponseEnd(_control: UpstreamControl): void {
    if (this.#ended) return;
    this.#end();
    const [only] = this.#chunks;
    const body = this.#chunks.length === 1 && only ? only : Buffer.concat(this.#chunks);
    this.#receiver.answered(new ReceivedAnswer(this.#status, body, this.#raw, this.#own));
  }

  onResponseError(_control: UpstreamControl, error: Error): void {
    this.fail(toUpstreamError(error, this.#label, this.#control !== undefined));
  }

  #end(): void {
    this.#ended = true;
    this.#timer?.cancel();
    this.#init.signal?.removeEventListener('abort', this.#onAbort);
    this.#release?.();
    this.#release = undefined;
  }
}
