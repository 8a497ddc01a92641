// The callers of an Api: tokens, API keys, and rules over both.
import * as z from 'zod';
import { expression } from '../fields/expression.ts';
import { withMarks } from '../fields/marks.ts';
import { externalReference, headerName } from '../fields/names.ts';
import { recordOf } from '../fields/record.ts';
import { withRule } from '../fields/rules.ts';
import { duration } from '../fields/units.ts';
import { httpUrl } from '../fields/url.ts';
import { webhook } from './webhook.ts';

/**
 * Asymmetric ones only: with HS256, everybody who can check a token can make one. `none` is not
 * supported.
 */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const;

function textOrTexts(what: string) {
  const wrong = `This must be ${what}, or a list of them.`;
  const text = z.string(wrong).min(1, wrong).max(512, wrong);
  return withMarks(z.union([text, z.array(text).min(1).max(32)], wrong), { typeName: 'text, or list of texts' });
}

const jwt = z.strictObject({
  issuer: z.string().min(1).max(512).describe('The `iss` that a token must have, letter by letter.'),
  audience: textOrTexts('an audience').describe('The `aud` that a token must have; with a list, one of them.'),
  jwksUri: httpUrl()
    .optional()
    .describe(
      'Address of the keys. Without it the address that the discovery document of the issuer names. Keys are cached and fetched again when one is unknown.',
    ),
  algorithms: z
    .array(z.enum(algorithms))
    .min(1)
    .max(algorithms.length)
    .prefault(['RS256', 'PS256', 'ES256', 'EdDSA'])
    .describe('Signatures that are accepted; no other is, whatever the token says.'),
  clockSkew: duration({ max: '5m' })
    .prefault('30s')
    .describe('How far the clocks may differ when `exp` and `nbf` are checked.'),
  claims: recordOf(z.string().min(1).max(128), textOrTexts('the expected value'), 16)
    .optional()
    .describe(
      'Claims that a token must have with this value, or with one of these values. One matching element of a list, or one word of `scope`, is enough.',
    ),
  forward: recordOf(headerName(), z.string().min(1).max(128), 16)
    .optional()
    .describe(
      'Headers that the target gets, each with the claim whose value it carries. The same headers from outside are dropped.',
    ),
});

const apiKey = z.strictObject({
  secret: externalReference('Secret').describe(
    'Secret with one entry for each consumer: its name, and the SHA-256 of its key in hexadecimal. While a key is changed, the entry holds the hashes of the old and the new key with a space between. The platform reads the Secret again when it changes. On the laptop `tenfold keys create` keeps it.',
  ),
  header: headerName().prefault('x-api-key').describe('Header that carries the key. The target does not get it.'),
});

export function auth() {
  return z.strictObject({
    jwt: jwt
      .optional()
      .describe('Requests may carry a signed token in `Authorization: Bearer`. It must have an `exp`.'),
    apiKey: apiKey
      .optional()
      .describe(
        'Requests may carry a key of a consumer. With a token as well both must be right, and the consumer is that of the key.',
      ),
    optional: z
      .boolean()
      .prefault(false)
      .describe(
        'true lets requests without credentials through, as nobody; wrong credentials are refused all the same.',
      ),
    allow: expression('request', 'bool')
      .optional()
      .describe('Rule that a request must keep, such as "${claims.role == \'admin\'}"; else it is answered 403.'),
  });
}

/** The changes of a route to the auth of its Api. */
export function routeAuth() {
  return withRule(
    z.strictObject({
      required: z
        .boolean()
        .prefault(true)
        .describe('false opens the route to everybody; credentials are not looked at, nor is the `allow` of the Api.'),
      webhook: webhook()
        .optional()
        .describe(
          'Only signed deliveries of a webhook may come, into a Topic or a Queue. The route then looks neither at the credentials of the Api nor at its `allow`.',
        ),
      allow: expression('request', 'bool')
        .optional()
        .describe('Rule that a request to this route must keep, besides that of the Api; else it is answered 403.'),
    }),
    {
      message: 'A webhook always needs its signature. Remove "required", or the webhook.',
      cel: '!has(self.webhook) || !has(self.required) || self.required',
      holds: ({ webhook: sender, required }) => sender === undefined || required,
      at: 'required',
    },
  );
}

/** Whether callers of a route must show what the auth of its Api asks for. */
export function asksLikeItsApi({
  auth: own,
}: {
  readonly auth?: z.output<ReturnType<typeof routeAuth>> | undefined;
}): boolean {
  return own === undefined || (own.required && own.webhook === undefined);
}
