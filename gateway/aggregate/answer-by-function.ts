// Lets a function make the answer: it gets the request and all parts as JSON, and what it answers
// goes to the client as it comes.

import { callContext, type TraceContext } from '../../core/trace-context.ts';
import { toExactText } from '../../core/units/whole-numbers.ts';
import type { Call } from '../exchange/target.ts';
import { toResponseFields } from '../http/response-fields.ts';
import type { UpstreamControl } from '../transport/transport.ts';
import { toUpstreamError } from '../transport/upstream-error.ts';
import { RelayCall } from '../upstream/policies/relay-call.ts';
import type { AggregatePlan, AnswerByFunction } from './compile-aggregate.ts';
import type { PartsRun } from './parts-run.ts';
import { PARTS_HEADER, toPartsField, toPartsMeta } from './provenance.ts';
import type { RecentRequest } from './recent-requests.ts';

interface Asked {
  readonly call: Call;
  readonly noted: RecentRequest;
  /** Called once the call has ended. */
  readonly over: () => void;
}

export function answerByFunction(asked: Asked, run: PartsRun, plan: AggregatePlan, by: AnswerByFunction): void {
  const { call } = asked;
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
  const body = Buffer.from(toExactText({ request, params, claims, consumer, parts }));
  const headers = by.forward(call.headers);
  headers.push('content-type', 'application/json', 'content-length', String(body.length));
  by.target.send(new AnswerCall(asked, headers, body, toPartsField(plan.parts, results)));
}

/** Asks another question than the call it serves, and gives it the answer. */
class AnswerCall extends RelayCall {
  readonly #trace: TraceContext;
  readonly #headers: readonly string[];
  readonly #body: Buffer;
  readonly #parts: string;
  readonly #noted: RecentRequest;
  readonly #over: () => void;

  constructor({ call, noted, over }: Asked, headers: readonly string[], body: Buffer, parts: string) {
    super(call);
    this.#noted = noted;
    this.#over = over;
    this.#trace = callContext(call.trace);
    this.#headers = headers;
    this.#body = body;
    this.#parts = parts;
  }

  override get trace(): TraceContext {
    return this.#trace;
  }

  override get method(): string {
    return 'POST';
  }

  override get path(): string {
    return '/';
  }

  override get headers(): readonly string[] {
    return this.#headers;
  }

  override get body(): Buffer {
    return this.#body;
  }

  override onResponseStart(control: UpstreamControl, status: number): void {
    if (status < 200) return;
    this.#noted.status = status;
    const own: UpstreamControl = {
      rawHeaders: [...toResponseFields(control.rawHeaders), PARTS_HEADER, this.#parts],
      own: true,
      pause: () => control.pause(),
      resume: () => control.resume(),
      abort: reason => control.abort(reason),
    };
    this.outer.onResponseStart(own, status);
  }

  override onResponseError(control: UpstreamControl, error: Error): void {
    this.#noted.failed(toUpstreamError(error, 'the function that answers'));
    super.onResponseError(control, error);
  }

  override fail(error: unknown): void {
    this.#noted.failed(error);
    super.fail(error);
  }

  protected override outerEnded(): void {
    super.outerEnded();
    this.#over();
  }
}
