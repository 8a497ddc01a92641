// Lets a function make the answer: it gets the request and all parts as JSON, and what it answers goes to the client as it comes.
import { childContext, type TraceContext } from '../../core/trace-context.ts';
import type { RequestVariables } from '../exchange/variables.ts';
import { toResponseFields } from '../http/response-fields.ts';
import type { Call, Place } from '../target/target.ts';
import type { UpstreamControl } from '../transport/transport.ts';
import type { AggregatePlan, AnswerByFunction } from './compile-aggregate.ts';
import type { PartsRun } from './parts-run.ts';
import { PARTS_HEADER, toPartsField, toPartsMeta } from './provenance.ts';

export function answerByFunction(call: Call, run: PartsRun, plan: AggregatePlan, by: AnswerByFunction): void {
  if (call.ended) return;
  const { variables, results } = run;
  const meta = toPartsMeta(plan.parts, results);
  const parts = Object.fromEntries(
    plan.parts.map(({ name }, index) => {
      const value = run.has(index) ? variables[name] : { status: 0, headers: {}, body: null };
      return [name, { ...Object(value), ...meta[name] }];
    }),
  );
  const { request, params, claims, consumer } = variables;
  const body = Buffer.from(JSON.stringify({ request, params, claims, consumer, parts }));
  const headers = by.forward(call.headers);
  headers.push('content-type', 'application/json', 'content-length', String(body.length));
  by.target.send(new AnswerCall(call, headers, body, toPartsField(plan.parts, results)));
}

/** Asks another question than the call it serves, and gives it the answer. */
class AnswerCall implements Call {
  readonly method = 'POST';
  readonly path = '/';
  readonly headers: readonly string[];
  readonly body: Buffer;
  readonly trace: TraceContext;
  readonly #call: Call;
  readonly #parts: string;

  constructor(call: Call, headers: readonly string[], body: Buffer, parts: string) {
    this.#call = call;
    this.headers = headers;
    this.body = body;
    this.trace = childContext(call.trace);
    this.#parts = parts;
  }

  get variables(): RequestVariables {
    return this.#call.variables;
  }

  get remainingMs(): number {
    return this.#call.remainingMs;
  }

  get signal(): AbortSignal {
    return this.#call.signal;
  }

  get ended(): boolean {
    return this.#call.ended;
  }

  get place(): Place | undefined {
    return this.#call.place;
  }

  set place(place: Place | undefined) {
    this.#call.place = place;
  }

  hold(release: () => void): void {
    this.#call.hold(release);
  }

  fail(error: unknown): void {
    this.#call.fail(error);
  }

  onRequestStart(control: UpstreamControl): void {
    this.#call.onRequestStart(control);
  }

  onResponseStart(control: UpstreamControl, status: number): void {
    if (status < 200) return;
    const own: UpstreamControl = {
      rawHeaders: [...toResponseFields(control.rawHeaders), PARTS_HEADER, this.#parts],
      own: true,
      pause: () => control.pause(),
      resume: () => control.resume(),
      abort: reason => control.abort(reason),
    };
    this.#call.onResponseStart(own, status);
  }

  onResponseData(control: UpstreamControl, chunk: Buffer): void {
    this.#call.onResponseData(control, chunk);
  }

  onResponseEnd(control: UpstreamControl): void {
    this.#call.onResponseEnd(control);
  }

  onResponseError(control: UpstreamControl, error: Error): void {
    this.#call.onResponseError(control, error);
  }
}
