// Drives the coffee shop over HTTP as its clients would, says what it does,
// and checks what comes back.
import assert from 'node:assert/strict';
import { type Admin, type Ask, createAsk, createCall } from './demo/client.ts';
import { comeAsPartner, comeAsStaff } from './demo/entering.ts';
import { invoice } from './demo/invoicing.ts';
import { keepSessions } from './demo/keeping.ts';
import { order } from './demo/ordering.ts';
import { query } from './demo/querying.ts';
import { rank } from './demo/ranking.ts';
import { release } from './demo/releasing.ts';
import { comeLate, failForOneTable, subscribe } from './demo/subscribing.ts';
import { watchWall } from './demo/watching.ts';
import type { Issuer } from './issuer.ts';

export interface DemoOptions {
  /** Public listener of a platform that runs this application, e.g. `http://127.0.0.1:8080`. */
  readonly address: string;
  /** Its admin port. */
  readonly admin: Admin;
  /** The one that the application trusts. */
  readonly issuer: Pick<Issuer, 'sign'>;
  /** API key of the consumer bakery. */
  readonly partnerKey: string;
  /** The application's folder; the platform follows its files. */
  readonly directory: string;
  say(line: string): void;
}

/** Throws an AssertionError at the first answer that is not as it should be. */
export async function demo({ address, admin, issuer, partnerKey, directory, say }: DemoOptions): Promise<void> {
  const walk = { call: createCall(address, say), say };
  const ask = createAsk(admin);
  const ordered = await order(walk);
  await invoice(walk, ordered);
  await release(walk, ordered);
  await comeAsPartner(walk, ordered, partnerKey);
  await comeAsStaff(walk, issuer);
  await query(walk, ordered);
  await subscribe(walk, ordered);
  await watchWall(walk, address, ordered, issuer);
  await keepSessions(walk);
  await rank(walk);
  await failForOneTable(walk, ask, ordered, issuer);
  await comeLate(walk, directory, ordered);
  await explain(ask, say);
}

/** What `tenfold routes explain GET /shop/orders/17 --header "api-version: v2"` asks. */
async function explain(ask: Ask, say: (line: string) => void): Promise<void> {
  say('Which route takes GET /shop/orders/17 in version v2, and why not another one?');
  const request = { method: 'GET', path: '/shop/orders/17', headers: [['api-version', 'v2']] };
  const { candidates } = (await ask('POST', '/routes/explain', request)) as {
    candidates: { name: string; verdict: string; target: string; checks: { says: string; holds: boolean }[] }[];
  };
  for (const { name, verdict, target, checks } of candidates) {
    const checked = checks.map(({ says, holds }) => `${says}: ${holds ? 'yes' : 'no'}`).join(', ');
    say(`  ${verdict}: Api ${name} → ${target} (${checked})`);
  }
  assert.deepEqual(
    candidates.map(({ name, verdict }) => `${name} ${verdict}`),
    ['shop passed-over', 'shop-v2 takes'],
  );
}
