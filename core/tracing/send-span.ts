// The span of an append to a topic, as the conventions of OpenTelemetry for producers say.
// Consumers continue it.
import { startSpan, type TraceContext } from '../trace-context.ts';
import type { Span } from './span.ts';

export interface Sending {
  /** Name in the log. */
  readonly topic: string;
  /** Id of the event; undefined for several. */
  readonly id?: string | undefined;
  /** How many events go together; undefined: one. */
  readonly count?: number;
}

interface AppendedPlace {
  readonly partition: number;
  readonly offset: number;
}

/** A failure that is not an error of ours is the publisher's mistake. */
interface CodedError {
  readonly code: string;
  readonly status: number;
}

/**
 * Runs `send` inside a span of its own, whose context the events get. Others may find out later
 * that the event failed, so the part waits for them.
 */
export async function sendWithin<T>(
  trace: TraceContext,
  { topic, id, count }: Sending,
  send: (own: TraceContext, span: Span | undefined) => Promise<T>,
): Promise<T> {
  const span = startSpan(trace, 'producer', `send ${topic}`);
  if (span === undefined) return send(trace, span);
  span.part.waitForOthers();
  setMessaging(span, topic, 'send', 'send').set('messaging.message.id', id).set('messaging.batch.message_count', count);
  try {
    return await send(span, span);
  } catch (error) {
    const { code, status } = (error ?? {}) as Partial<Record<keyof CodedError, unknown>>;
    span.fail(
      typeof code === 'string' ? code : 'internal',
      error instanceof Error ? error.message : undefined,
      typeof status !== 'number' || status >= 500,
    );
    throw error;
  } finally {
    span.finish();
  }
}

export function setMessaging(span: Span, topic: string, operation: string, type: 'send' | 'process' | 'settle'): Span {
  return span
    .set('messaging.system', span.part.messagingSystem)
    .set('messaging.operation.name', operation)
    .set('messaging.operation.type', type)
    .set('messaging.destination.name', topic);
}

export function setPlace(span: Span | undefined, at: AppendedPlace | undefined): void {
  if (span === undefined || at === undefined) return;
  span.set('messaging.destination.partition.id', String(at.partition)).set(offsetName(span), at.offset);
}

/** The conventions have a name for an offset in Kafka alone. */
function offsetName({ part }: Span): string {
  return part.messagingSystem === 'kafka' ? 'messaging.kafka.offset' : 'tenfold.offset';
}
