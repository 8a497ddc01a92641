// Calls the application over HTTP as a client does, and asks in SQL at the admin port
// as the command line does.
import assert from 'node:assert/strict';

export interface DemoOptions {
  /** Public listener of a platform that runs this application. */
  readonly address: string;
  /** Its admin port. */
  readonly admin: { readonly url: string; readonly token: string };
  /** Publishes all of the events, as the command line does. */
  publish(topic: string, events: Iterable<object>): Promise<void>;
  say(line: string): void;
}

interface SqlLine {
  readonly kind: string;
  readonly message?: string;
  readonly rows?: readonly (readonly unknown[])[];
}

const PATIENCE_MS = 60_000;

export function createClient({ address, admin, say }: DemoOptions) {
  const get = async (path: string): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> => {
    const answer = await fetch(new URL(path, address));
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? {} : JSON.parse(text) };
  };
  const sql = async (query: string): Promise<(readonly unknown[])[]> => {
    const answer = await fetch(`${admin.url}/api/sql`, {
      method: 'POST',
      headers: { authorization: `Bearer ${admin.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ namespace: 'default', sql: query }),
    });
    const text = await answer.text();
    assert.equal(answer.status, 200, text);
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line): SqlLine => JSON.parse(line));
    const failed = lines.find(({ kind }) => kind === 'failed');
    assert.equal(failed, undefined, failed?.message);
    return lines.flatMap(({ kind, rows = [] }) => (kind === 'rows' ? rows : []));
  };
  return {
    get,
    sql,
    /** Says what is asked, and how long that took. */
    async ask(query: string): Promise<(readonly unknown[])[]> {
      const begun = performance.now();
      const rows = await sql(query);
      say(`  ${query.replaceAll(/\s+/g, ' ').trim()}`);
      say(`    → ${rows.length} rows in ${(performance.now() - begun).toFixed(0)} ms`);
      return rows;
    },
    async until(what: string, holds: () => Promise<boolean>): Promise<void> {
      const end = Date.now() + PATIENCE_MS;
      while (!(await holds())) {
        assert.ok(Date.now() < end, `not in time: ${what}`);
        await new Promise(resolve => setTimeout(resolve, 100));
      }
    },
  };
}

export type Client = ReturnType<typeof createClient>;
