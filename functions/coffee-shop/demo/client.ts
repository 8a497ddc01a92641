// Calls the shop over HTTP as a client does, and says what it did.

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

/** `address`: of the public door, e.g. `http://127.0.0.1:8080`. */
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
