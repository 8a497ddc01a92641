// Refuses request bodies that are too large: by their announced length at once, else as soon as
// they have grown past the limit.
import { TenfoldError } from '../../core/errors.ts';
import type { Step } from '../exchange/step.ts';

export function limitBody(maxBytes: number): Step {
  return exchange => {
    const { head, message } = exchange.request;
    if (!head.hasBody) return;
    if (head.contentLength !== undefined) {
      if (head.contentLength > maxBytes) exchange.fail(tooLarge(maxBytes));
      return;
    }
    let received = 0;
    message.on('data', (chunk: Buffer) => {
      received += chunk.length;
      if (received > maxBytes) exchange.fail(tooLarge(maxBytes));
    });
    // Listening makes the body flow; it must wait for the step that reads it.
    message.pause();
  };
}

function tooLarge(maxBytes: number): TenfoldError {
  return new TenfoldError('body-too-large', `The body may have at most ${maxBytes} bytes here.`);
}
