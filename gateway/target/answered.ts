// Tells that an answer has begun, where somebody looks after the instance that it comes from.
import type { UpstreamHandler } from '../transport/transport.ts';

export function sayingAnswered(to: UpstreamHandler, answered: () => void): UpstreamHandler {
  return {
    onRequestStart: control => to.onRequestStart(control),
    onRequestUpgrade(...args) {
      answered();
      to.onRequestUpgrade?.(...args);
    },
    onResponseStart(control, status) {
      answered();
      to.onResponseStart(control, status);
    },
    onResponseData: (control, chunk) => to.onResponseData(control, chunk),
    onResponseEnd: control => to.onResponseEnd(control),
    onResponseError: (control, error) => to.onResponseError(control, error),
  };
}
