// The server-sent events (HTML, section 9.2) that a follower of a View gets.
import { changeBetween, type LiveAnswer } from './live-answer.ts';

/** All of the answer. `reason`: why what the follower has is void. */
export function rowsEvent(answer: LiveAnswer, reason?: string): Buffer {
  const why = reason === undefined ? '' : `"reason":${JSON.stringify(reason)},`;
  const items = answer.items.map(({ text }) => `{${text}}`).join(',');
  return eventOf('rows', answer, `{${why}"items":[${items}],"more":${answer.more}}`);
}

export function changeEvent(from: LiveAnswer, to: LiveAnswer): Buffer {
  const { removed, placed } = changeBetween(from, to);
  const items = placed.map(({ at, item }) => `{"at":${at},${item.text}}`).join(',');
  return eventOf('change', to, `{"removed":${JSON.stringify(removed)},"items":[${items}],"more":${to.more}}`);
}

/** The follower has all of it. */
export function resumedEvent(answer: LiveAnswer): Buffer {
  return eventOf('resumed', answer, '{}');
}

/** The connection ends, and the follower goes on with another one. */
export function endedEvent(reason: string): Buffer {
  return Buffer.from(`event: ended\ndata: ${JSON.stringify({ reason })}\n\n`);
}

/** How long a browser waits until it connects again. */
export function retryEvent(ms: number): Buffer {
  return Buffer.from(`retry: ${Math.round(ms)}\n\n`);
}

/** A comment keeps proxies from closing a stream on which nothing happens. */
export const ALIVE = Buffer.from(': alive\n\n');

function eventOf(name: string, { digest }: LiveAnswer, data: string): Buffer {
  return Buffer.from(`event: ${name}\nid: ${digest}\ndata: ${data}\n\n`);
}
