// Tells answers of OpenFaaS' own gateway and provider from those of the function behind them: with
// these the function was not called, or gave no answer.
import { TenfoldError } from '../../core/errors.ts';
import type { Call } from '../exchange/target.ts';
import { rawField } from '../http/raw-field.ts';
import type { UpstreamControl, UpstreamHandler } from '../transport/transport.ts';

/** Set on errors that OpenFaaS makes itself. */
const INTERNAL = 'x-openfaas-internal';
/**
 * Set on the answer of every call that got as far as being handed on; the first one only where
 * the request brought none.
 */
const CALL_ID = 'x-call-id';
const STARTED = 'x-start-time';
const RETRY_AFTER_SECONDS = 1;

/** The fields that are sent: without the one that would keep OpenFaaS from marking its answer. */
export function withoutCallId(headers: readonly string[]): readonly string[] {
  if (!headers.includes(CALL_ID)) return headers;
  return headers.filter((_, index) => headers[index - (index % 2)] !== CALL_ID);
}

/**
 * Whether OpenFaaS answered by itself, and what that means; undefined for answers of the function.
 */
function whyNotCalled(status: number, fields: UpstreamControl['rawHeaders'], wantsStream: boolean): string | undefined {
  const internal = rawField(fields, INTERNAL);
  if (internal !== undefined) return `answered ${status} by itself (X-OpenFaaS-Internal: ${internal.slice(0, 40)})`;
  if (rawField(fields, CALL_ID) === undefined && rawField(fields, STARTED) === undefined)
    return `answered ${status} without handing the call on`;
  // It proxies streams in another way, which says 200 and nothing else where nobody is reached.
  const isEmpty =
    status === 200 && rawField(fields, 'content-length') === '0' && rawField(fields, 'content-type') === undefined;
  return wantsStream && isEmpty ? 'answered 200 with nothing in it where a stream was asked for' : undefined;
}

/** Receives an answer to `call` in the place of `receiver`. */
export function behindOpenFaas(call: Call, receiver: UpstreamHandler, label: string): UpstreamHandler {
  let isOwn = false;
  const wantsStream = call.headers.some(
    (value, index) =>
      index % 2 === 1 &&
      call.headers[index - 1] === 'accept' &&
      /text\/event-stream|application\/x-ndjson/i.test(value),
  );
  return {
    onRequestStart: control => receiver.onRequestStart(control),
    onRequestUpgrade: (...args) => receiver.onRequestUpgrade?.(...args),
    onResponseStart(control, status) {
      const why = whyNotCalled(status, control.rawHeaders, wantsStream);
      isOwn = why !== undefined;
      if (!isOwn) return receiver.onResponseStart(control, status);
      const message = `OpenFaaS ${why}: ${label} was not reached. It may be starting, or OpenFaaS itself.`;
      call.fail(
        new TenfoldError('not-ready', message, { retryAfterSeconds: RETRY_AFTER_SECONDS, reason: 'function.starting' }),
      );
      control.abort(new Error('The answer is of no use.'));
    },
    onResponseData: (control, chunk) => void (isOwn || receiver.onResponseData(control, chunk)),
    onResponseEnd: control => void (isOwn || receiver.onResponseEnd(control)),
    onResponseError: (control, error) => void (isOwn || receiver.onResponseError(control, error)),
  };
}
