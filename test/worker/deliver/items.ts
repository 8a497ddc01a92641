// Events as a dispatcher hands them over, callers that answer as a test says, and
// destinations with given outcomes.
import type { CloudEvent } from '../../../core/cloudevents/cloud-event.ts';
import { toRecord } from '../../../core/cloudevents/record.ts';
import type { CallAnswer, Caller, CallRequest } from '../../../worker/deliver/caller.ts';
import type { DeliveryItem, Destination, Outcome } from '../../../worker/deliver/destination.ts';

export interface ItemOptions {
  readonly offset?: number;
  readonly attempt?: number;
  readonly key?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

export function itemOf(event: Partial<CloudEvent> = {}, options: ItemOptions = {}): DeliveryItem {
  const { offset = 0, attempt = 1, key = null, headers = {} } = options;
  const whole: CloudEvent = {
    specversion: '1.0',
    id: `e-${offset}`,
    source: '/shop',
    type: 'OrderCreated',
    datacontenttype: 'application/json',
    data: { total: 7 },
    ...event,
  };
  const record = toRecord(whole, key);
  const timestamp = 1_000;
  return {
    partition: 2,
    attempt,
    record: { ...record, offset, timestamp, headers: { ...record.headers, ...headers } },
  };
}

export function answerOf(status: number, body: unknown = '', headers: readonly string[] = []): CallAnswer {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return {
    status,
    headers: typeof body === 'string' ? headers : ['Content-Type', 'application/json', ...headers],
    body: bytes,
  };
}

/** Answers each call with what `answer` makes of it, and remembers the calls. */
export function callerOf(answer: (request: CallRequest, signal: AbortSignal) => CallAnswer | Promise<CallAnswer>) {
  const calls: CallRequest[] = [];
  const caller: Caller & { readonly calls: CallRequest[] } = {
    label: 'function orders',
    calls,
    async call(request, signal) {
      calls.push(request);
      return answer(request, signal);
    },
  };
  return caller;
}

/** Gives every event the outcome that `decide` says, and remembers the events. */
export function destinationOf(decide: (item: DeliveryItem, signal: AbortSignal) => Outcome | Promise<Outcome>) {
  const seen: DeliveryItem[] = [];
  const destination: Destination & { readonly seen: DeliveryItem[] } = {
    label: 'function orders',
    seen,
    deliver(items, signal) {
      seen.push(...items);
      return Promise.all(items.map(item => decide(item, signal)));
    },
  };
  return destination;
}

export const never = new AbortController().signal;
