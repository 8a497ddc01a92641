// Events for a platform whose Topics and Subscriptions all move by them, and what its stream of
// changes tells of that.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TOKEN } from '../../../test/processes/start-process.ts';
import { pathOfTopic } from './application.ts';

const TICK_MS = 50;
/** One call of so many fails, and its event becomes a dead letter. */
const FAILS_ONE_OF = 50;
const CHANGED = '\nevent: changed\n';

/** A function that fails now and then. */
export async function startBiller(): Promise<{ readonly url: string; close(): void }> {
  let calls = 0;
  const server = createServer((request, response) => {
    request.resume().once('end', () => {
      response.writeHead(++calls % FAILS_ONE_OF === 0 ? 500 : 204).end();
    });
  });
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

export interface Traffic {
  /** Events that were accepted so far. */
  accepted(): number;
  /** Changes that the stream has told so far. */
  told(): number;
  /** Throws where an event was refused, or the stream broke off. */
  stop(): Promise<void>;
}

/** Posts events, one after the other to each Topic, `perSecond` of them all together. */
export function startTraffic(
  urls: { readonly public: string; readonly admin: string },
  topics: number,
  perSecond: number,
): Traffic {
  let [sent, accepted, told] = [0, 0, 0];
  let refusal: unknown;
  const ended = new AbortController();
  const began = performance.now();
  const underWay = new Set<Promise<void>>();
  const post = async (number: number) => {
    const body = JSON.stringify({ orderId: `order-${number}`, table: number % 97 });
    const headers = { 'content-type': 'application/json' };
    const send = () => fetch(urls.public + pathOfTopic(number % topics), { method: 'POST', headers, body });
    // A connection that rested may be closed just as it is used again: clients try once more.
    const response = await send().catch(send);
    const text = await response.text();
    if (!response.ok) throw new Error(`an event was refused: ${response.status} ${text}`);
    accepted++;
  };
  const timer = setInterval(() => {
    const due = ((performance.now() - began) * perSecond) / 1_000;
    // What cannot be sent in time is not sent later: the rate that is reached is reported.
    for (; sent < due && underWay.size < perSecond; sent++) {
      const posted = post(sent).catch(error => {
        refusal ??= error;
      });
      underWay.add(posted);
      void posted.then(() => underWay.delete(posted));
    }
    sent = Math.max(sent, Math.floor(due));
  }, TICK_MS);
  const listening = listen(urls.admin, ended.signal, count => {
    told += count;
  }).catch(error => {
    refusal ??= error;
  });
  return {
    accepted: () => accepted,
    told: () => told,
    async stop() {
      clearInterval(timer);
      ended.abort();
      await Promise.all([...underWay, listening]);
      if (refusal !== undefined) throw refusal;
    },
  };
}

/** Follows the stream as a page does. */
async function listen(admin: string, signal: AbortSignal, hear: (changes: number) => void): Promise<void> {
  const headers = { authorization: `Bearer ${TOKEN}`, accept: 'text/event-stream' };
  try {
    const { body } = await fetch(`${admin}/api/changes?from=latest`, { headers, signal });
    const decoder = new TextDecoder();
    let rest = '';
    for await (const chunk of body ?? []) {
      const parts = (rest + decoder.decode(chunk, { stream: true })).split(CHANGED);
      hear(parts.length - 1);
      rest = (parts.at(-1) ?? '').slice(-CHANGED.length);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
