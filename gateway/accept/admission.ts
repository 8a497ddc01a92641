// The validators of Topics and Queues as the plan keeps them: schemas compiled once, rates that
// outlast a change of something else.
import { createHash } from 'node:crypto';
import { compileEventValidator, type EventValidator } from '../../core/cloudevents/event-validator.ts';
import { TenfoldError } from '../../core/errors.ts';
import { createSchemaCompiler, type JsonSchema } from '../../core/json-schema/json-schema.ts';
import { formatTraceparent, type TraceContext } from '../../core/trace-context.ts';
import { DEPTH_HEADER } from '../../core/wire.ts';
import { scopeOf } from '../../resources/references/scopes.ts';
import type { Call } from '../exchange/target.ts';
import { fieldOf } from '../http/fields.ts';
import type { PlanContext } from '../plan/plan-context.ts';
import type { PlanState } from '../plan/plan-state.ts';
import { createLimiter } from '../rate-limit/create-limiter.ts';
import type { RateLimiter } from '../rate-limit/rate-limiter.ts';

export interface ValidatedSpec {
  readonly key?: string | undefined;
  readonly schema?: unknown;
  readonly maxSize: number;
}

export function validatorOf({ key, schema, maxSize }: ValidatedSpec, state: PlanState): EventValidator {
  const compiled = schema === undefined ? undefined : compiledSchema(schema, state);
  return compileEventValidator({ key, schema: compiled, maxSize }, scopeOf('event'));
}

/**
 * Headers that the records of a call's events carry besides those of the event: where it came from.
 * `trace`: the span of the append.
 */
export function recordHeaders(call: Call, trace: TraceContext): Record<string, string> {
  const headers: Record<string, string> = { traceparent: formatTraceparent(trace) };
  const state = fieldOf(call.headers, 'tracestate');
  if (state !== undefined) headers['tracestate'] = state;
  const depth = fieldOf(call.headers, DEPTH_HEADER);
  if (depth !== undefined) headers[DEPTH_HEADER] = depth;
  return headers;
}

/** The limiter of a resource, which lasts as long as its rate does not change. */
export function sharedRateLimiter(
  key: string,
  rate: { readonly count: number; readonly periodMs: number } | undefined,
  context: Pick<PlanContext, 'world' | 'state' | 'buckets'>,
): RateLimiter | undefined {
  if (rate === undefined) return undefined;
  const burst = Math.max(1, Math.floor(rate.count));
  return context.state.keep(`rate/${key}/${rate.count}/${rate.periodMs}`, () =>
    createLimiter(context, key, { rate, burst }, 'all', 1),
  );
}

/** Resolves when one more event may come; rejects with `too-many-requests`. */
export async function takeRate(limiter: RateLimiter): Promise<void> {
  const taken = limiter.take('');
  const decision = taken instanceof Promise ? await taken : taken;
  if (decision.allowed) return;
  const retryAfterSeconds = Math.max(1, Math.ceil(decision.retryAfterMs / 1000));
  throw new TenfoldError('too-many-requests', 'More events than the rate of the topic allows.', { retryAfterSeconds });
}

function compiledSchema(schema: unknown, state: PlanState): JsonSchema {
  const compile = state.keep('schema-compiler', createSchemaCompiler);
  const hash = createHash('sha256').update(JSON.stringify(schema)).digest('base64url').slice(0, 22);
  return state.keep(`schema/${hash}`, () => compile(schema));
}
