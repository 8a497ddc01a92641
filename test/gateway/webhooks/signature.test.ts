// Signatures of the four senders: what they publish, and all that is wrong in some way.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { isInTime, isSigned, readSignature } from '../../../gateway/webhooks/signature.ts';
import { createSigningKeys } from '../../../gateway/webhooks/signing-keys.ts';
import type { WebhookKind } from '../../../resources/kinds/routes/webhook.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';
import { type Headers, type Sent, sign } from './sign.ts';

const TOLERANCE_MS = 300_000;

function keysOf(kind: WebhookKind, ...secrets: string[]) {
  const entries = Object.fromEntries(secrets.map((text, index) => [`secret-${index}`, text]));
  const world = createFakeWorld();
  return createSigningKeys({
    world,
    log() {},
    kind,
    namespace: 'default',
    secret: 'hook',
    secrets: () => entries,
  }).current();
}

/** `ok`, or why it is refused. */
function judge(kind: WebhookKind, headers: Headers | string[], body: string, now: number, ...secrets: string[]) {
  const fields = Array.isArray(headers) ? headers : Object.entries(headers).flat();
  const signature = readSignature(kind, fields);
  if (typeof signature === 'string') return signature;
  if (!isSigned(signature, keysOf(kind, ...secrets), Buffer.from(body))) return 'wrong';
  return isInTime(signature, now * 1000, TOLERANCE_MS) ? 'ok' : 'time';
}

/** From the pages of the senders and the tests of their libraries; that of Stripe by openssl. */
const published: Record<WebhookKind, Required<Sent> & { readonly headers: Headers }> = {
  standard: {
    secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    body: '{"test": 2432232314}',
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    at: 1614265330,
    headers: {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    },
  },
  github: {
    secret: "It's a Secret to Everybody",
    body: 'Hello, World!',
    id: '',
    at: 0,
    headers: {
      'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
    },
  },
  stripe: {
    secret: 'whsec_test_secret',
    body: '{"id":"evt_test","object":"event"}',
    id: '',
    at: 1492774577,
    headers: {
      'stripe-signature': 't=1492774577,v1=691252e266ce41cb94d709c84e9580d4172b117a510bbc81723f657d2cd5d215',
    },
  },
  slack: {
    secret: '8f742231b10e8888abcd99yyyzzz85a5',
    body: 'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
    id: '',
    at: 1531420618,
    headers: {
      'x-slack-request-timestamp': '1531420618',
      'x-slack-signature': 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
    },
  },
};

const signatureHeader: Record<WebhookKind, string> = {
  standard: 'webhook-signature',
  github: 'x-hub-signature-256',
  stripe: 'stripe-signature',
  slack: 'x-slack-signature',
};

for (const [kind, { secret, body, at, headers }] of Object.entries(published) as [
  WebhookKind,
  (typeof published)[WebhookKind],
][]) {
  describe(`signatures of ${kind}`, () => {
    const name = signatureHeader[kind];
    const value = headers[name] ?? '';

    it('accept what the sender publishes', () => {
      assert.equal(judge(kind, headers, body, at, secret), 'ok');
    });

    it('refuse another secret, another byte, and take any of several secrets', () => {
      assert.equal(judge(kind, headers, body, at, 'whsec_b3RoZXI='), 'wrong');
      assert.equal(judge(kind, headers, `${body} `, at, secret), 'wrong');
      assert.equal(judge(kind, headers, body, at, 'whsec_b2xk', secret), 'ok');
      assert.equal(judge(kind, headers, body, at), 'wrong');
    });

    it('are as their own time says, as far as they sign one', () => {
      const late = kind === 'github' ? 'ok' : 'time';
      assert.equal(judge(kind, headers, body, at + 300, secret), 'ok');
      assert.equal(judge(kind, headers, body, at - 300, secret), 'ok');
      assert.equal(judge(kind, headers, body, at + 301, secret), late);
      assert.equal(judge(kind, headers, body, at - 301, secret), late);
      if (at === 0) return;
      const moved = Object.fromEntries(
        Object.entries(headers).map(([key, text]) => [key, text.replace(String(at), String(at + 1))]),
      );
      assert.equal(judge(kind, moved, body, at, secret), 'wrong');
    });

    it('are missing, or cannot be read', () => {
      for (const key of Object.keys(headers)) {
        const { [key]: _, ...rest } = headers;
        assert.equal(judge(kind, rest, body, at, secret), 'missing', key);
      }
      for (const text of [
        '',
        'v1',
        value.slice(0, -1),
        value.replace(/v1|v0|sha256/g, 'v9'),
        `${value}, ${value.replace(/^t=.*?,/, 't=1,')}x`,
      ]) {
        assert.equal(judge(kind, { ...headers, [name]: text }, body, at, secret), 'malformed', text);
      }
    });

    it('are nothing where a header came twice', () => {
      const twice = [...Object.entries(headers).flat(), name, 'x'];
      assert.equal(judge(kind, twice, body, at, secret) === 'ok', kind === 'stripe');
    });

    it('never throw, and no random header is one', () => {
      const text = fc.oneof(fc.string({ unit: 'binary-ascii' }), fc.constantFrom('v1,', 't=1,v1=', 'v0=', 'sha256='));
      const names = Object.keys(headers);
      const values = fc.array(text, { maxLength: 4 }).map(parts => parts.join(''));
      fc.assert(
        fc.property(
          fc.array(values, { minLength: names.length, maxLength: names.length }),
          fc.string(),
          (random, other) => {
            const made = names.flatMap((key, index) => [key, random[index] ?? '']);
            assert.notEqual(judge(kind, made, other, at, secret), 'ok');
          },
        ),
        { numRuns: 200 },
      );
    });
  });
}

describe('signatures', () => {
  it('of several in a header one is enough', () => {
    const { secret, body, at, headers, id } = published.standard;
    const other = sign.standard({ secret: 'whsec_b3RoZXI=', body, id, at })['webhook-signature'];
    const both = { ...headers, 'webhook-signature': `v1a,x ${other} ${headers['webhook-signature']} v2,y` };
    assert.equal(judge('standard', both, body, at, secret), 'ok');
    const stripe = published.stripe;
    const [, mac = ''] =
      sign.stripe({ secret: 'old', body: stripe.body, at: stripe.at })['stripe-signature']?.split(',') ?? [];
    const twice = {
      'stripe-signature': `t=${stripe.at},${mac},${stripe.headers['stripe-signature']?.split(',')[1]},v0=00`,
    };
    assert.equal(judge('stripe', twice, stripe.body, stripe.at, stripe.secret), 'ok');
    assert.equal(judge('stripe', twice, stripe.body, stripe.at, 'old'), 'ok');
  });

  it('of the library of Standard Webhooks are right, also under the names of Svix', () => {
    const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    const body = '{"type":"invoice.paid","text":"Grüße"}';
    const signature = new Webhook(secret).sign('msg_2', new Date(1_700_000_000_000), body);
    const [id, at] = ['msg_2', '1700000000'];
    const own = { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature };
    const svix = { 'svix-id': id, 'svix-timestamp': at, 'svix-signature': signature };
    for (const headers of [own, svix]) {
      assert.equal(judge('standard', headers, body, 1_700_000_000, secret), 'ok');
      assert.equal(judge('standard', headers, body, 1_700_000_000, secret.slice(6)), 'ok');
    }
  });
});

describe('the keys of a webhook', () => {
  it('follow their Secret, and say what is missing without what is there', async () => {
    const world = createFakeWorld();
    const said: string[] = [];
    let entries: Record<string, string> | undefined;
    const keys = createSigningKeys({
      ...{ world, kind: 'standard', namespace: 'shop', secret: 'hook', secrets: () => entries },
      log: (level, message) => said.push(`${level} ${message}`),
    });
    assert.match(said.join(), /^warn There is no Secret hook.*\.tenfold\/secrets\/shop\/hook\.json/);
    entries = { empty: ' ', broken: 'whsec_!', nothing: 'whsec_', good: 'whsec_c2VjcmV0' };
    assert.deepEqual(keys.renewed(), [], 'too soon to look again');
    await world.pass(100);
    assert.deepEqual(keys.renewed(), [Buffer.from('secret')]);
    assert.deepEqual(
      said.slice(1).map(text => /entry (\w+) that is no secret/.exec(text)?.[1]),
      ['empty', 'broken', 'nothing'],
    );
    assert.ok(!said.join().includes('c2VjcmV0'));
    entries = undefined;
    await world.pass(1000);
    assert.deepEqual(keys.current(), []);
  });
});
