// Calls the facade as a client does, and the admin port as `tenfold strangler` does.
import assert from 'node:assert/strict';

export interface ClientOptions {
  readonly address: string;
  readonly admin: { readonly url: string; readonly token: string };
  say(line: string): void;
}

/** The part of the report that the demonstration reads. */
export interface Report {
  readonly phase: string;
  readonly sync: {
    readonly lag?: number;
    readonly heldKeys: number;
    readonly delivered: number;
    /** Left out, since they came from legacy. */
    readonly returned: number;
    /** Set while legacy is too far behind. */
    readonly behind?: string;
  };
  readonly sides: { readonly legacy: { readonly requests: number } };
  readonly shadow: {
    readonly compared: number;
    readonly mismatched: number;
    readonly noise: Readonly<Record<string, number>>;
    readonly examples: readonly {
      readonly count: number;
      readonly method: string;
      readonly path: string;
      readonly differences: readonly {
        readonly at: string;
        readonly legacy: string;
        readonly new: string;
        readonly note?: string;
      }[];
    }[];
  };
  readonly moves: readonly {
    readonly from: { readonly phase: string };
    readonly to: { readonly phase: string };
    readonly by: string;
  }[];
}

interface CallInit {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly json?: unknown;
}

const STRANGLER = 'stranglers/default/shop';
/** The consumer of events that writes the orders back. */
const SYNC = { kind: 'Strangler', namespace: 'default', name: 'shop.orders' } as const;
/** Functions with limits wait for 10 s where the store is new to all. */
const PATIENCE_MS = 25_000;

export type Client = ReturnType<typeof createClient>;

export function createClient({ address, admin, say }: ClientOptions) {
  const call = async (method: string, path: string, init: CallInit = {}, talk: 'aloud' | 'quietly' = 'aloud') => {
    const json = init.json === undefined ? {} : { 'content-type': 'application/json' };
    const body = init.json === undefined ? init.body : JSON.stringify(init.json);
    const answer = await fetch(address + path, {
      method,
      redirect: 'manual',
      headers: { ...init.headers, ...json },
      ...(body === undefined ? {} : { body }),
    });
    const text = await answer.text();
    if (talk === 'aloud') say(`${method} ${path} → ${answer.status}`);
    const isJson = answer.headers.get('content-type')?.includes('json') ?? false;
    const parsed: Record<string, unknown> = isJson ? JSON.parse(text) : {};
    return { status: answer.status, headers: answer.headers, text, json: parsed };
  };

  const atAdmin = async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${admin.url}/api/${path}`, {
      method,
      headers: { authorization: `Bearer ${admin.token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, text: await answer.text() };
  };

  const ask = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const { status, text } = await atAdmin(method, STRANGLER + path, body);
    assert.equal(status, 200, text);
    return JSON.parse(text);
  };

  const report = async (): Promise<Report> => {
    const { features } = (await ask('GET', '')) as { features: Report[] };
    const [orders] = features;
    assert.ok(orders);
    return orders;
  };

  return {
    call,
    report,
    say,
    async setPhase(phase: 'shadow' | 'canary' | 'live' | 'retired' | 'back-out'): Promise<void> {
      say(`tenfold strangler ${phase === 'back-out' ? 'back-out shop orders' : `set shop orders ${phase}`}`);
      if (phase === 'back-out') await ask('POST', '/features/orders/back-out');
      else await ask('PUT', '/features/orders/phase', { phase });
    },
    /** Why the feature is not moved on; undefined when it was. */
    async promote(): Promise<string | undefined> {
      say('tenfold strangler promote shop orders');
      const { status, text } = await atAdmin('POST', `${STRANGLER}/features/orders/promote`, {});
      return status === 200 ? undefined : JSON.parse(text).detail;
    },
    /** Orders that legacy refuses, with its reason. */
    async heldOrders(): Promise<readonly { readonly id: string; readonly key: string; readonly error: string }[]> {
      say('tenfold dead list --held');
      const { text } = await atAdmin('GET', `dead-letters?${new URLSearchParams({ ...SYNC, held: 'true' })}`);
      return JSON.parse(text).items;
    },
    async skipHeld(id: string): Promise<void> {
      say(`tenfold dead skip strangler/shop.orders ${id}`);
      const { status, text } = await atAdmin('POST', 'dead-letters/commands', { ...SYNC, action: 'skip', ids: [id] });
      assert.equal(status, 200, text);
    },
    /** Waits for effects that come after the client has its answer. */
    async until(what: string, holds: () => Promise<boolean>): Promise<void> {
      const end = Date.now() + PATIENCE_MS;
      while (!(await holds())) {
        assert.ok(Date.now() < end, `not in time: ${what}`);
        await new Promise(resolve => setTimeout(resolve, 20));
      }
    },
  };
}
