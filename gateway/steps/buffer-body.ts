// Reads small request bodies before they are sent on, so that they can be sent
// again: on routes that retry.
import { readBody } from '../exchange/read-body.ts';
import type { Step } from '../exchange/step.ts';

/** Larger bodies, and those of unknown length, stream; a call with one is made once. */
const MAX_BUFFERED_BODY_BYTES = 65_536;

export const bufferSmallBody: Step = exchange => {
  const { contentLength = Number.POSITIVE_INFINITY, hasBody } = exchange.request.head;
  if (!hasBody || contentLength > MAX_BUFFERED_BODY_BYTES) return;
  return readBody(exchange, MAX_BUFFERED_BODY_BYTES).then(() => {});
};
