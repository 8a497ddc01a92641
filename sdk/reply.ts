// A response with a status and headers of its own, for when the value alone does not say enough.
import { isTagged } from './tagged.ts';

const TAG = Symbol.for('tenfold.reply');

export type ReplyHeaders = Readonly<Record<string, string | number | readonly string[] | undefined>>;

export interface Reply<Body = unknown> {
  readonly [TAG]: true;
  readonly status: number;
  readonly body: Body;
  readonly headers: ReplyHeaders;
}

/**
 * `return reply(201, order, { location: '/orders/7' })`. The body may be anything
 * that a handler may return.
 */
export function reply<Body = undefined>(status: number, body?: Body, headers: ReplyHeaders = {}): Reply<Body> {
  return { [TAG]: true, status, body: body as Body, headers };
}

export function isReply(value: unknown): value is Reply {
  return isTagged(value, TAG);
}
