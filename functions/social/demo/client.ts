// Calls the application over HTTP as a client does.
import assert from 'node:assert/strict';

export interface DemoOptions {
  /** Public listener of a platform that runs this application. */
  readonly address: string;
  /** Publishes all of the events, as the command line does. */
  publish(topic: string, events: Iterable<object>): Promise<void>;
  say(line: string): void;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
  /** Of a list. */
  readonly items: readonly Readonly<Record<string, unknown>>[];
  readonly ms: number;
}

const PATIENCE_MS = 60_000;

export function createClient({ address, say }: DemoOptions) {
  const call = async (method: string, path: string, json?: unknown): Promise<Answer> => {
    const begun = performance.now();
    const answer = await fetch(new URL(path, address), {
      method,
      ...(json === undefined ? {} : { body: JSON.stringify(json), headers: { 'content-type': 'application/json' } }),
    });
    const text = await answer.text();
    const ms = performance.now() - begun;
    const body: Record<string, unknown> = text === '' ? {} : JSON.parse(text);
    const items = (body.items ?? []) as Answer['items'];
    return { status: answer.status, headers: answer.headers, body, items, ms };
  };

  return {
    call,
    /** Says what is asked and how long that took. */
    async ask(path: string): Promise<Answer> {
      const answer = await call('GET', path);
      say(`GET ${path} → ${answer.status}, ${answer.ms.toFixed(1)} ms`);
      return answer;
    },
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

/**
 * The position of the published event. A view that is asked for a state after it answers with the
 * event in it.
 */
export function positionOf({ headers }: Answer): string {
  const position = headers.get('event-position');
  assert.ok(position, 'the answer says where its event stands');
  return encodeURIComponent(position);
}

export function textsOf({ items }: Answer): string[] {
  return items.map(({ value }) => String((value as { text?: unknown }).text));
}
