// Sessions: the customers who are logged in, and the contents of their baskets. A session is in the
// cache, not in an instance: any instance can answer, and none has to last.
import { createHash, randomBytes } from 'node:crypto';
import { type Context, http, InvokeError, problem, reply } from 'tenfold';
import * as z from 'zod';
import type { Customer } from './customers.ts';
import type { Order } from './orders.ts';

const Login = z.strictObject({ customer: z.uuid(), passcode: z.string().min(4).max(100) });
const Item = z.strictObject({ drink: z.string().min(1).max(50), quantity: z.int().min(1).max(20).default(1) });

export interface Session {
  readonly customer: Customer;
  readonly basket: readonly z.output<typeof Item>[];
}

/** After so long without a request somebody is logged out. */
const IDLE_MS = 30 * 60_000;
const MAX_BASKET = 20;
/** Several tabs may write at the same moment. */
const MAX_TRIES = 5;

export default http({
  'POST /login': http({ body: Login }, async (request, context) => {
    const { customer, passcode } = request.body;
    const who = await check(context, customer, passcode);
    const token = randomBytes(32).toString('base64url');
    await context.cache.set(keyOf(token), { customer: who, basket: [] } satisfies Session, { ttlMs: IDLE_MS });
    return reply(
      200,
      { customer: who, basket: [] },
      { 'set-cookie': cookie(token, IDLE_MS), 'cache-control': 'no-store' },
    );
  }),
  'GET /me': async (request, context) => {
    // Written again, for it to last from now on.
    return noStore(await change(context, request.headers.cookie, session => session));
  },
  'POST /basket': http({ body: Item }, async (request, context) => {
    const { body } = request;
    return noStore(
      await change(context, request.headers.cookie, session => {
        if (session.basket.length >= MAX_BASKET) throw problem(409, { detail: 'The basket is full.' });
        return { ...session, basket: [...session.basket, body] };
      }),
    );
  }),
  'POST /basket/order': async (request, context) => {
    const cookies = request.headers.cookie;
    // Taken out first: who presses twice orders once.
    let taken: Session['basket'] = [];
    const { customer } = await change(context, cookies, session => {
      taken = session.basket;
      if (taken.length === 0) throw problem(409, { detail: 'The basket is empty.' });
      return { ...session, basket: [] };
    });
    try {
      const body = { customer: customer.id, items: taken };
      const order = (await context.invoke('orders', { path: '/orders', body })).body as Order;
      return reply(201, order, { location: `/orders/${order.id}` });
    } catch (error) {
      // Without an answer nobody knows whether it was taken.
      if (!(error instanceof InvokeError) || error.status === undefined) throw error;
      await change(context, cookies, session => ({ ...session, basket: [...taken, ...session.basket] }));
      throw error.status === 422
        ? problem(422, { detail: 'Something in the basket is not on the menu any more.' })
        : error;
    }
  },
  'POST /logout': async (request, context) => {
    const token = tokenOf(request.headers.cookie);
    if (token !== undefined) await context.cache.delete(keyOf(token));
    return reply(204, undefined, { 'set-cookie': cookie('', 0) });
  },
});

/**
 * Writes the session that `next` makes of the one there, unless somebody else wrote
 * meanwhile: then of theirs.
 */
async function change(
  context: Context,
  cookies: string | undefined,
  next: (session: Session) => Session,
): Promise<Session> {
  const token = tokenOf(cookies);
  for (let tries = 0; token !== undefined && tries < MAX_TRIES; tries++) {
    const found = await context.cache.read<Session>(keyOf(token));
    if (found === undefined) break;
    const session = next(found.value);
    const when = { version: found.version };
    if (await context.cache.set(keyOf(token), session, { ttlMs: IDLE_MS, when })) return session;
    if (tries === MAX_TRIES - 1)
      throw problem(503, { detail: 'Too many changes at the same time.', retryAfterSeconds: 1 });
  }
  throw problem(401, { detail: 'The session has no user: log in first.' });
}

async function check(context: Context, customer: string, passcode: string): Promise<Customer> {
  try {
    const path = `/customers/${customer}/check`;
    return (await context.invoke('customers', { path, body: { passcode } })).body as Customer;
  } catch (error) {
    if (!(error instanceof InvokeError) || error.status !== 403) throw error;
    throw problem(401, { detail: 'Customer and passcode do not fit together.' });
  }
}

/** A reader of the cache cannot log in with the key found there. */
function keyOf(token: string): string {
  return `session/${createHash('sha256').update(token).digest('base64url')}`;
}

function tokenOf(cookies = ''): string | undefined {
  return /(?:^|;\s*)session=([A-Za-z0-9_-]{43})(?:;|$)/.exec(cookies)?.[1];
}

/**
 * Not sent along by pages of others (SameSite), and not seen by scripts. A shop behind
 * HTTPS says `Secure` as well.
 */
function cookie(token: string, ms: number): string {
  return `session=${token}; Path=/shop; HttpOnly; SameSite=Strict; Max-Age=${ms / 1000}`;
}

function noStore(session: Session) {
  return reply(200, session, { 'cache-control': 'no-store' });
}
