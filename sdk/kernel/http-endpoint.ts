// An HTTP endpoint of a function.

import type { Context } from '../context.ts';
import type { HttpInput, HttpRequest } from '../http-request.ts';

export interface HttpEndpoint {
  readonly handler: AnyHandler;
  readonly input: HttpInput | undefined;
}

export type AnyHandler = (request: HttpRequest, context: Context) => unknown;
