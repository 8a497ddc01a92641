// Gives a call a whole answer of our own, on the way that answers of upstreams take: filters,
// compression and caches see it.
import type { AnswerReason } from '../../core/answer-reasons.ts';
import type { Call } from '../exchange/target.ts';
import type { UpstreamControl } from '../transport/transport.ts';

/**
 * `fields`: name and value in turn, without Content-Length; fields of ours are kept. `reason`: of
 * an answer that is an error.
 */
export function answerCall(
  call: Call,
  status: number,
  fields: readonly string[],
  body: Buffer,
  reason?: AnswerReason,
): void {
  if (call.ended) return;
  const control: UpstreamControl = {
    // RFC 9110 §8.6: these have no content, and so no length of it.
    rawHeaders: status === 204 || status === 304 ? [...fields] : [...fields, 'content-length', String(body.length)],
    own: true,
    ownReason: reason,
    pause() {},
    resume() {},
    abort() {},
  };
  call.onRequestStart(control);
  if (call.ended) return;
  call.onResponseStart(control, status);
  if (body.length > 0 && !call.ended) call.onResponseData(control, body);
  if (!call.ended) call.onResponseEnd(control);
}
