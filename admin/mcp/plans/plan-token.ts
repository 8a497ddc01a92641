// The token of a plan: it holds the order and what the plan saw, signed for one caller. No process
// has to remember a plan, so any replica can act on it.
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import * as z from 'zod';
import { TenfoldError } from '../../../core/errors.ts';

export interface SignedPlan {
  readonly order: unknown;
  /** The state at the time of the plan. The act is refused when that is something else. */
  readonly seen: string;
}

/** A person has to read the plan first; later the facts are old. */
export const PLAN_LIFE_MS = 600_000;

/** A longer one would not fit into the sentence that shows it. */
const MOST_TOKEN = 3_000;

/** Tokens of two plans are never the same, though both may plan the same. */
const claims = z.strictObject({ order: z.unknown(), seen: z.string(), until: z.number(), plan: z.string() });
const PLAN_BYTES = 9;

export function signPlan({ order, seen }: SignedPlan, secret: Uint8Array, now: number): string {
  const plan = randomBytes(PLAN_BYTES).toString('base64url');
  const body = Buffer.from(JSON.stringify({ order, seen, until: now + PLAN_LIFE_MS, plan })).toString('base64url');
  const token = `${body}.${signature(body, secret)}`;
  if (token.length <= MOST_TOKEN) return token;
  throw new TenfoldError(
    'bad-request',
    `The token of this plan would have ${token.length} characters, more than ${MOST_TOKEN}. Plan with shorter texts.`,
  );
}

export function readPlan(token: string, secret: Uint8Array, now: number): SignedPlan {
  const [body = '', given = '', ...rest] = token.split('.');
  const expected = Buffer.from(signature(body, secret));
  const bytes = Buffer.from(given);
  if (rest.length > 0 || bytes.length !== expected.length || !timingSafeEqual(bytes, expected)) {
    throw new TenfoldError('bad-request', 'This is no token of a plan of yours. Plan first, and give its token whole.');
  }
  const { order, seen, until } = claims.parse(JSON.parse(Buffer.from(body, 'base64url').toString()));
  if (now > until) throw new TenfoldError('conflict', 'The plan is older than ten minutes. Plan again.');
  return { order, seen };
}

/** Facts as a few letters, to compare them later. */
export function sealOf(facts: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(facts) ?? '')
    .digest('base64url')
    .slice(0, 22);
}

function signature(body: string, secret: Uint8Array): string {
  return createHmac('sha256', secret).update(body).digest('base64url');
}
