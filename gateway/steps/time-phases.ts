// Limits of single phases that the exchange itself keeps: opening a
// connection, and silence on a stream.
import type { Step } from '../exchange/step.ts';

export function timePhases(connectMs: number, idleMs: number): Step {
  return exchange => {
    exchange.request.connectTimeoutMs = connectMs;
    exchange.response.idleMs = idleMs;
  };
}
