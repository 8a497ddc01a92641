// Asks a worker for the dead letters of a consumer, page by page, and for what it has not come to;
// and tells it what to do with dead letters.
import { TOKEN } from '../../processes/start-process.ts';
import type { UseSite } from '../load/use-site.ts';

export interface SeenLetter {
  readonly id: string;
  readonly eventId: string;
  readonly reason: string;
  readonly held: boolean;
}

export interface Consumer {
  readonly kind: 'Subscription' | 'Pipeline';
  readonly name: string;
}

const PAGE = 100;

export async function deadLettersOf(site: UseSite, { kind, name }: Consumer, worker = 0): Promise<SeenLetter[]> {
  const found: SeenLetter[] = [];
  for (let after = ''; ; ) {
    const query = `kind=${kind}&namespace=${site.namespace}&name=${name}&limit=${PAGE}${after}`;
    const response = await admin(site, worker, `/api/dead-letters?${query}`);
    if (!response.ok) throw new Error(`dead letters are answered ${response.status}: ${await response.text()}`);
    const { items, next } = (await response.json()) as { items: SeenLetter[]; next?: string };
    found.push(...items);
    if (next === undefined || next === null) return found;
    after = `&after=${encodeURIComponent(next)}`;
  }
}

/** Resolves when that is on its way; rejects when nobody knows. */
export async function commandLetters(
  site: UseSite,
  { kind, name }: Consumer,
  action: 'redrive' | 'skip',
  ids: readonly string[],
  worker = 0,
): Promise<void> {
  if (ids.length === 0) return;
  const body = JSON.stringify({ action, kind, namespace: site.namespace, name, ids });
  const response = await admin(site, worker, '/api/dead-letters/commands', body);
  const text = await response.text();
  if (!response.ok) throw new Error(`the command is answered ${response.status}: ${text}`);
}

/** Events that it has not come to, over all workers; undefined while that is not known. */
export async function lagOf(site: UseSite, { kind, name }: Consumer): Promise<number | undefined> {
  const all = site.adminAddresses().map(async (_, worker) => (await admin(site, worker, '/metrics')).text());
  const lines = (await Promise.all(all)).flatMap(text => text.split('\n'));
  const wanted = ['tenfold_consumer_lag_events{', `kind="${kind}"`, `namespace="${site.namespace}"`, `name="${name}"`];
  const own = lines.filter(line => wanted.every(part => line.includes(part)));
  if (own.length === 0) return undefined;
  return own.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

const WITHIN_MS = 2 * 60_000;

function admin(site: UseSite, worker: number, path: string, body?: string): Promise<Response> {
  const listeners = site.adminAddresses();
  return fetch(`${listeners[worker % listeners.length]}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${TOKEN}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body }),
    signal: AbortSignal.timeout(WITHIN_MS),
  });
}
