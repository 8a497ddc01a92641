// One request on its way through the process: its response, its invocation, and whether it was answered.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Invocation } from '../sdk/kernel/invocation.ts';
import type { RequestBody } from './request-body.ts';

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly invocation: Invocation;
  readonly body: RequestBody;
  /** On the monotonic clock. */
  readonly startedAt: number;
  readonly expiresAt: number;
  state: 'waiting' | 'running' | 'answered';
}
