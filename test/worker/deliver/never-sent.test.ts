// Calls that can never be made, over the transports that make them: each is the last attempt of its
// event. Where nobody is there, it is none.
import assert from 'node:assert/strict';
import { realWorld } from '../../../core/world.ts';
import { createAddressCheck } from '../../../gateway/transport/address-policy.ts';
import { createTransport } from '../../../gateway/transport/create-transport.ts';
import type { Transport } from '../../../gateway/transport/transport.ts';
import { createUrlTarget } from '../../../gateway/upstream/url-target.ts';
import { createCaller } from '../../../server/events/callers.ts';
import type { CallRequest } from '../../../worker/deliver/caller.ts';
import { errorToOutcome } from '../../../worker/deliver/to-outcome.ts';

const CALL: CallRequest = {
  method: 'POST',
  path: '/',
  headers: ['content-type', 'application/json'],
  body: '{}',
  trace: undefined,
  timeoutMs: 60_000,
  maxAnswerBytes: 1000,
  priority: 5,
};

/** Nothing is there, and calls may lead there. */
const AWAY = { http: 'http://127.0.0.1:1', https: 'https://127.0.0.1:1' };

const NEVER: Readonly<Record<string, { readonly url?: string; readonly call?: Partial<CallRequest> }>> = {
  'an address that is not allowed': { url: '://169.254.169.254' },
  'such an address of IPv6': { url: '://[fe80::1]' },
  'an address that belongs to no host': { url: '://0.0.0.0:8080' },
  'a path with a line end': { call: { path: '/a\r\nx: y' } },
  'a path with a blank': { call: { path: '/a b' } },
  'a value with a line end': { call: { headers: ['x-note', 'a\r\nb: c'] } },
  'a value beyond latin-1': { call: { headers: ['x-note', '\u2713'] } },
  'a name that is no token': { call: { headers: ['x note', 'a'] } },
  'a method that is no token': { call: { method: 'PO ST' } },
};

async function outcomeOf(transport: Transport, url: string, call: Partial<CallRequest> = {}) {
  const target = createUrlTarget(transport, 'default', url);
  const caller = createCaller(realWorld, { label: 'it', target: () => target, timeoutMs: () => undefined });
  try {
    await caller.call({ ...CALL, ...call }, new AbortController().signal);
  } catch (error) {
    return errorToOutcome(error);
  }
  return assert.fail('it was answered');
}

describe('a call that can never be made', () => {
  let transport: Transport;
  let strict: Transport;
  before(() => {
    transport = createTransport({
      checkAddress: createAddressCheck({ allowLoopback: true }),
      connectTimeoutMs: 60_000,
    });
    strict = createTransport({ checkAddress: createAddressCheck({ allowLoopback: false }), connectTimeoutMs: 60_000 });
  });
  after(() => Promise.all([transport.destroy(), strict.destroy()]));

  for (const scheme of ['http', 'https'] as const) {
    for (const [what, { url, call }] of Object.entries(NEVER)) {
      it(`${scheme}, ${what}: the last attempt`, async () => {
        const outcome = await outcomeOf(transport, url === undefined ? AWAY[scheme] : scheme + url, call);
        assert.partialDeepStrictEqual(outcome, { kind: 'failed', retryable: false });
        assert.ok(outcome.kind === 'failed' && outcome.doubt === undefined);
        assert.match(outcome.error.message, /may not connect to|cannot be sent this request/);
      });
    }

    it(`${scheme}, a name that leads to an address that is not allowed: the last attempt`, async () => {
      const outcome = await outcomeOf(strict, AWAY[scheme].replace('127.0.0.1', 'localhost'));
      assert.partialDeepStrictEqual(outcome, { kind: 'failed', retryable: false });
      assert.match(outcome.kind === 'failed' ? outcome.error.message : '', /may not connect to/);
    });

    it(`${scheme}, nobody there: no attempt`, async () => {
      assert.partialDeepStrictEqual(await outcomeOf(transport, AWAY[scheme]), { kind: 'later', down: true });
      const nameless = AWAY[scheme].replace('127.0.0.1', 'nobody.invalid');
      assert.partialDeepStrictEqual(await outcomeOf(transport, nameless), { kind: 'later', down: true });
    });
  }
});
