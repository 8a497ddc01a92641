// What an event must be before it is accepted, compiled from a Topic or a Queue: size, schema, rate, key; and the record it becomes.
import { createHash } from 'node:crypto';
import { compileTemplate } from '../../core/cel/template.ts';
import { isJsonType } from '../../core/cloudevents/media-type.ts';
import { toRecord } from '../../core/cloudevents/record.ts';
import { TenfoldError } from '../../core/errors.ts';
import { createSchemaCompiler, type JsonSchema } from '../../core/json-schema/json-schema.ts';
import { formatTraceparent } from '../../core/trace-context.ts';
import { DEPTH_HEADER } from '../../core/wire.ts';
import type { NewRecord } from '../../drivers/event-log/event-log.ts';
import { scopeOf } from '../../resources/references/scopes.ts';
import { fieldOf } from '../http/fields.ts';
import type { PlanState } from '../plan/plan-state.ts';
import { createRateLimiter, type RateLimiter } from '../rate-limit/rate-limiter.ts';
import type { Call } from '../target/target.ts';
import type { Incoming } from './incoming.ts';

/** What Topic and Queue declare alike. */
export interface GateSpec {
  readonly key?: string | undefined;
  readonly schema?: unknown;
  /** Bytes of one event: data, attributes and key. */
  readonly maxSize: number;
}

export interface Gate {
  readonly maxSize: number;
  /** Whether data must be at hand: for its schema, or because the key is made of it. */
  readonly readsData: boolean;
  /** The record of the event; throws why it is not accepted. `extra`: further headers of the record, in lower case. */
  admit(incoming: Incoming, extra: Readonly<Record<string, string>>): NewRecord;
}

export function compileGate(spec: GateSpec, state: PlanState): Gate {
  const schema = spec.schema === undefined ? undefined : keptSchema(spec.schema, state);
  const key =
    spec.key === undefined
      ? undefined
      : compileTemplate(spec.key, scopeOf('event'), { expected: 'string', whole: true });
  const keyOf = ({ event }: Incoming): string | null => {
    if (key === undefined) return textOf(event['partitionkey']) ?? event.subject ?? null;
    try {
      return textOf(key.evaluate({ event })) ?? null;
    } catch (cause) {
      throw new TenfoldError('invalid-event', `The event has no key: ${spec.key} cannot be evaluated.`, { cause });
    }
  };
  return {
    maxSize: spec.maxSize,
    readsData: schema !== undefined || (key?.references.some(readsData) ?? false),
    admit(incoming, extra) {
      if (schema) validate(schema, incoming);
      const record = toRecord(incoming.event, keyOf(incoming), incoming.body);
      for (const name in extra) record.headers[name] = extra[name] ?? '';
      const size = sizeOf(record);
      if (size > spec.maxSize) {
        throw new TenfoldError(
          'body-too-large',
          `The event has ${size} bytes; at most ${spec.maxSize} are taken here.`,
        );
      }
      return record;
    },
  };
}

/** Headers that the records of a call's events carry besides those of the event: where it came from. */
export function recordHeaders(call: Call): Record<string, string> {
  const depth = fieldOf(call.headers, DEPTH_HEADER);
  return {
    traceparent: formatTraceparent(call.trace),
    ...(depth === undefined ? {} : { [DEPTH_HEADER]: depth }),
  };
}

export interface RateSpec {
  readonly count: number;
  readonly periodMs: number;
}

/** The limiter of a resource, which lasts as long as its rate stays what it is. */
export function keptLimiter(
  key: string,
  rate: RateSpec | undefined,
  context: { readonly world: Parameters<typeof createRateLimiter>[0]; readonly state: PlanState },
): RateLimiter | undefined {
  if (rate === undefined) return undefined;
  const { count, periodMs } = rate;
  return context.state.keep(`rate/${key}/${count}/${periodMs}`, () =>
    createRateLimiter(context.world, { rate, burst: Math.max(1, Math.floor(count)) }, 1),
  );
}

/** Resolves when one more event may come; rejects with `too-many-requests`. */
export async function takeRate(limiter: RateLimiter | undefined): Promise<void> {
  if (limiter === undefined) return;
  const taken = limiter.take('');
  const decision = taken instanceof Promise ? await taken : taken;
  if (decision.allowed) return;
  const retryAfterSeconds = Math.max(1, Math.ceil(decision.retryAfterMs / 1000));
  throw new TenfoldError('too-many-requests', 'More events than the rate of the topic allows.', { retryAfterSeconds });
}

function validate(schema: JsonSchema, { event }: Incoming): void {
  const type = event.datacontenttype;
  if (event.data instanceof Uint8Array || (type !== undefined && !isJsonType(type))) {
    throw new TenfoldError('unsupported-media-type', 'The data must be JSON: it is checked against a schema here.');
  }
  const violations = schema.validate(event.data);
  if (violations.length === 0) return;
  const [first] = violations;
  const place = first?.pointer ? `at ${first.pointer}` : 'as a whole';
  throw new TenfoldError('invalid-input', `The data does not match its schema: ${place} it ${first?.message}.`, {
    extensions: { violations },
  });
}

function keptSchema(schema: unknown, state: PlanState): JsonSchema {
  const compile = state.keep('schema-compiler', createSchemaCompiler);
  const hash = createHash('sha256').update(JSON.stringify(schema)).digest('base64url').slice(0, 22);
  return state.keep(`schema/${hash}`, () => compile(schema));
}

/** `event.data`, a member of it, or the event as a whole. */
function readsData(reference: string): boolean {
  return reference === 'event' || reference === 'event.data' || reference.startsWith('event.data.');
}

function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  return String(value);
}

function sizeOf({ key, value, headers }: NewRecord): number {
  let size = value.length + (key === null ? 0 : key.length);
  for (const name in headers) size += name.length + (headers[name]?.length ?? 0);
  return size;
}
