// Clients that send the orders of their key one after the other, each again until it is taken,
// and keep what was answered.
import { setTimeout as pause } from 'node:timers/promises';

export interface Answer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly text: string;
}

export interface Orders {
  readonly answers: readonly Answer[];
  /** How many of each key were acknowledged: ids of theirs are `key:number`, from 0 on. */
  readonly acknowledged: ReadonlyMap<string, number>;
  readonly count: number;
  /** Resolves when each has what it sent last acknowledged. */
  stop(): Promise<void>;
  abandon(): void;
}

const KEYS = 4;
const PAUSE_MS = 100;

export function startOrders(url: string): Orders {
  const abandoned = new AbortController();
  const answers: Answer[] = [];
  const acknowledged = new Map<string, number>();
  let isStopping = false;
  const send = async (key: string, number: number): Promise<boolean> => {
    const headers = {
      'content-type': 'application/json',
      'ce-specversion': '1.0',
      'ce-id': `${key}:${number}`,
      'ce-type': 'ordered',
      'ce-source': '/shop',
      'ce-subject': key,
    };
    const response = await fetch(url, { method: 'POST', headers, body: '{}', signal: abandoned.signal });
    const text = await response.text();
    answers.push({ status: response.status, retryAfter: response.headers.get('retry-after'), text });
    return response.ok;
  };
  const sendAll = async (key: string) => {
    for (let number = 0; !isStopping; ) {
      if (await send(key, number)) acknowledged.set(key, ++number);
      await pause(PAUSE_MS, undefined, { signal: abandoned.signal });
    }
  };
  const running = Promise.all(Array.from({ length: KEYS }, (_, index) => sendAll(`key-${index}`)));
  running.catch(() => {});
  return {
    answers,
    acknowledged,
    get count() {
      return acknowledged.values().reduce((sum, count) => sum + count, 0);
    },
    async stop() {
      isStopping = true;
      await running;
    },
    abandon: () => abandoned.abort(),
  };
}
