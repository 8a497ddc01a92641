// Calls the shop over HTTP as a client does, and its admin port as the command line
// does; and says what it did.
import assert from 'node:assert/strict';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

export interface CallInit {
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
}

export type Call = (method: string, path: string, init?: CallInit, talk?: 'aloud' | 'quietly') => Promise<Answer>;

export interface Walk {
  readonly call: Call;
  say(line: string): void;
}

/** `address`: of the public listener, e.g. `http://127.0.0.1:8080`. */
export function createCall(address: string, say: (line: string) => void): Call {
  return async (method, path, { headers = {}, json } = {}, talk = 'aloud') => {
    const answer = await fetch(address + path, {
      method,
      headers: { ...headers, ...(json === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    });
    const text = await answer.text();
    if (talk === 'aloud') say(`${method} ${path} → ${answer.status}`);
    const isJson = answer.headers.get('content-type')?.includes('json') ?? false;
    return { status: answer.status, headers: answer.headers, body: isJson ? JSON.parse(text) : {} };
  };
}

export interface Admin {
  readonly url: string;
  readonly token: string;
}

/** Asks the admin API; lines of JSON are answered by the last one. */
export type Ask = (method: string, path: string, body?: unknown) => Promise<unknown>;

export function createAsk({ url, token }: Admin): Ask {
  return async (method, path, body) => {
    const answer = await fetch(`${url}/api${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    assert.ok(answer.ok, `${method} ${path} → ${answer.status} ${text}`);
    return JSON.parse(text.trim().split('\n').at(-1) ?? '');
  };
}

const PATIENCE_MS = 20_000;

/** Waits for effects that come after the client has its answer. */
export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (!(await holds())) {
    assert.ok(Date.now() < end, `not in time: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}
