// Calls the application over HTTP as a client does, its admin port as the command line does, and
// looks at the relational service.
import assert from 'node:assert/strict';
import * as z from 'zod';

export interface DemoOptions {
  /** Public listener of a platform that runs this application. */
  readonly address: string;
  /** Its admin port. */
  readonly admin: { readonly url: string; readonly token: string };
  /** The relational service, for a look behind the scenes. */
  readonly relational: string;
  /** How many articles the index has. */
  readonly articles: number;
  say(line: string): void;
}

const Load = z.object({
  running: z.number(),
  waiting: z.number(),
  aborted: z.number(),
  refused: z.number(),
  requests: z.number(),
  articles: z.number(),
});

const PATIENCE_MS = 60_000;

export function createClient({ address, admin, relational, say }: DemoOptions) {
  const call = async (
    method: string,
    path: string,
    { json, headers = {} }: { json?: unknown; headers?: Readonly<Record<string, string>> } = {},
    talk: 'aloud' | 'quietly' = 'aloud',
  ) => {
    const begun = performance.now();
    const answer = await fetch(new URL(path, address), {
      method,
      headers: { ...headers, ...(json === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    });
    const text = await answer.text();
    const ms = performance.now() - begun;
    if (talk === 'aloud') say(`${method} ${path} → ${answer.status}`);
    const isJson = answer.headers.get('content-type')?.includes('json') ?? false;
    const body: Record<string, unknown> = isJson ? JSON.parse(text) : {};
    return { status: answer.status, headers: answer.headers, body, ms };
  };

  const deadLetters = async (queue: string) => {
    const answer = await fetch(`${admin.url}/api/dead-letters?kind=Queue&name=${queue}&limit=100`, {
      headers: { authorization: `Bearer ${admin.token}` },
    });
    const text = await answer.text();
    assert.equal(answer.status, 200, text);
    const { items } = JSON.parse(text) as { items: { key: string; reason: string; error: string; attempts: number }[] };
    return items;
  };

  return {
    call,
    deadLetters,
    load: async () => Load.parse(await (await fetch(`${relational}/load`)).json()),
    counts: async () => (await (await fetch(`${relational}/counts`)).json()) as Record<string, number>,
    async until(what: string, holds: () => Promise<boolean>): Promise<void> {
      const end = Date.now() + PATIENCE_MS;
      while (!(await holds())) {
        assert.ok(Date.now() < end, `not in time: ${what}`);
        await new Promise(resolve => setTimeout(resolve, 50));
      }
    },
  };
}

export type Client = ReturnType<typeof createClient>;

/** Asks until the job has ended; each time the answer waits for a while itself. */
export async function resultAt({ call, until }: Client, location: string): Promise<unknown> {
  let result: unknown;
  await until(`the result at ${location}`, async () => {
    const { status, body } = await call('GET', location, { headers: { prefer: 'wait=5' } }, 'quietly');
    assert.equal(status, 200, JSON.stringify(body));
    assert.ok(['queued', 'running', 'waiting', 'succeeded'].includes(String(body.state)), JSON.stringify(body));
    result = (body.result as { body?: unknown } | undefined)?.body;
    return body.state === 'succeeded';
  });
  return result;
}
