// Gives a call an answer of our own whose body is a stream, at the pace at which the client reads.
import type { Readable } from 'node:stream';
import type { Call } from '../exchange/target.ts';
import type { UpstreamControl } from '../transport/transport.ts';

/** `fields`: name and value in turn, with Content-Length where it is known. */
export function answerStream(call: Call, status: number, fields: readonly string[], body: Readable): void {
  const control: UpstreamControl = {
    rawHeaders: [...fields],
    own: true,
    pause: () => body.pause(),
    resume: () => body.resume(),
    abort: () => body.destroy(),
  };
  if (call.ended) {
    body.destroy();
    return;
  }
  body.on('error', error => {
    if (!call.ended) call.onResponseError(control, error);
  });
  call.hold(() => body.destroy());
  call.onRequestStart(control);
  if (call.ended) return;
  call.onResponseStart(control, status);
  body.on('data', (chunk: Buffer) => {
    if (!call.ended) call.onResponseData(control, chunk);
  });
  body.on('end', () => {
    if (!call.ended) call.onResponseEnd(control);
  });
}
