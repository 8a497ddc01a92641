// Makes the callbacks of a queue: a POST with the job's end, signed as Standard Webhooks asks
// (https://www.standardwebhooks.com).
import { createHmac } from 'node:crypto';
import { CALLBACK_HEADER } from '../../core/jobs/job-id.ts';
import { traceOfRecord } from '../../core/trace-context.ts';
import { tracestateField } from '../../core/tracing/tracestate.ts';
import type { World } from '../../core/world.ts';
import type { Caller } from '../deliver/caller.ts';
import type { DeliveryItem, Destination, Outcome } from '../deliver/destination.ts';
import { errorToOutcome, toOutcome } from '../deliver/to-outcome.ts';

export interface CallbackOptions {
  readonly world: World;
  readonly queue: string;
  /**
   * Calls addresses of strangers: no redirects, no addresses that the platform may not connect to.
   */
  callerOf(origin: string): Caller;
  /**
   * Signing keys, the newest first; empty when there is no Secret. Asked before each call, so that
   * keys can be changed.
   */
  keys(): readonly string[];
}

const TIMEOUT_MS = 15_000;
const MAX_ANSWER_BYTES = 65_536;
const WITHOUT_KEY_MS = 10_000;

export function createCallbackDestination(options: CallbackOptions): Destination {
  return {
    label: `callbacks of queue ${options.queue}`,
    deliver: (items, signal) => Promise.all(items.map(item => callBack(options, item, signal))),
  };
}

async function callBack(
  options: CallbackOptions,
  { record, trace }: DeliveryItem,
  signal: AbortSignal,
): Promise<Outcome> {
  const { world, keys, callerOf } = options;
  const { [CALLBACK_HEADER]: url = '', ce_id: id = '' } = record.headers;
  if (!URL.canParse(url))
    return { kind: 'failed', retryable: false, error: { message: 'The callback has no address.' } };
  const { origin, pathname, search } = new URL(url);
  const body = Buffer.from(record.value);
  try {
    const signatures = sign(keys(), id, world.now(), body);
    if (signatures === undefined) {
      return { kind: 'later', afterMs: WITHOUT_KEY_MS, error: { message: 'There is no key to sign callbacks with.' } };
    }
    const head = ['content-type', 'application/json'];
    const answer = await callerOf(origin).call(
      {
        method: 'POST',
        path: pathname + search,
        headers: [...head, 'content-length', String(body.length), ...signatures, ...tracestateField(record)],
        body,
        trace: trace ?? traceOfRecord(record),
        timeoutMs: TIMEOUT_MS,
        maxAnswerBytes: MAX_ANSWER_BYTES,
        priority: 5,
      },
      signal,
    );
    const outcome = toOutcome(answer, world.now());
    if (outcome.kind === 'done') return { kind: 'done' };
    if (answer.status < 400) return { ...outcome, error: { status: answer.status, message: REDIRECT } };
    return ofReceiver(outcome);
  } catch (error) {
    return ofReceiver(errorToOutcome(error));
  }
}

/**
 * Each callback has a receiver of its own. A receiver that is down, or asks for a pause, says
 * nothing of the others.
 */
function ofReceiver(outcome: Outcome): Outcome {
  if (outcome.kind === 'later') return { ...outcome, own: true };
  if (outcome.kind !== 'failed') return outcome;
  const { doubt: _, ...plain } = outcome;
  return plain;
}

const REDIRECT = 'It answered with a redirect; callbacks do not follow those.';

/**
 * Name and value in turn; one signature for each key, so that a receiver may still know the older
 * one.
 */
function sign(keys: readonly string[], id: string, now: number, body: Buffer): string[] | undefined {
  if (keys.length === 0) return undefined;
  const seconds = String(Math.floor(now / 1000));
  // The library for this wants a Date and brings a SHA-256 of its own; it checks these lines in the
  // tests.
  const signatures = keys.map(key => {
    const mac = createHmac('sha256', toBytes(key)).update(`${id}.${seconds}.`).update(body);
    return `v1,${mac.digest('base64')}`;
  });
  return ['webhook-id', id, 'webhook-timestamp', seconds, 'webhook-signature', signatures.join(' ')];
}

/** Keys are written as in Standard Webhooks, `whsec_` and Base64, or as any text. */
function toBytes(key: string): Buffer {
  return key.startsWith('whsec_') ? Buffer.from(key.slice('whsec_'.length), 'base64') : Buffer.from(key);
}
