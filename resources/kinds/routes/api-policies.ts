// The policies of an Api for all of its routes, or of one route: CORS, rate limits, compression,
// versions, sunset, GraphQL.
import * as z from 'zod';
import { wordsOrExpression } from '../fields/expression.ts';
import { headerName } from '../fields/names.ts';
import { withRule } from '../fields/rules.ts';
import { duration, rate, size } from '../fields/units.ts';
import { httpUrl } from '../fields/url.ts';
import { methods, plainPath } from './http.ts';

const ORIGIN_WRONG =
  'This must be * or an origin such as https://shop.example.com or https://*.example.com, without a path.';
const TIME_WRONG = 'This must be a date such as 2026-12-31, or a time such as 2026-12-31T23:59:59Z.';

export function cors() {
  const origin = z
    .string(ORIGIN_WRONG)
    .max(512, ORIGIN_WRONG)
    .regex(/^(\*|https?:\/\/(\*\.)?[A-Za-z0-9.-]+(:[0-9]{1,5})?)$/, ORIGIN_WRONG);
  return withRule(
    z.strictObject({
      origins: z
        .array(origin)
        .min(1)
        .max(64)
        .describe(
          'Origins whose pages may call; `*` is every origin, `https://*.example.com` all hosts one level below.',
        ),
      methods: z
        .array(z.enum(methods))
        .min(1)
        .max(methods.length)
        .optional()
        .describe('Methods they may use. Without it those of the routes.'),
      headers: z
        .array(headerName())
        .max(64)
        .optional()
        .describe('Request headers they may send. Without it those they ask for.'),
      exposeHeaders: z.array(headerName()).max(64).prefault([]).describe('Response headers they may read.'),
      credentials: z.boolean().prefault(false).describe('Whether they may send cookies and credentials.'),
      maxAge: duration({ max: '24h' })
        .prefault('10m')
        .describe('How long a browser may keep the answer to its preflight.'),
    }),
    {
      message: 'Credentials cannot be allowed to every origin. List the origins, or leave credentials out.',
      cel: "!has(self.credentials) || !self.credentials || !self.origins.exists(origin, origin == '*')",
      holds: value => !value.credentials || !value.origins.includes('*'),
      at: 'credentials',
    },
  );
}

export function rateLimit() {
  return z.strictObject({
    rate: rate().describe('Requests per period that each of those counted apart may make, over all gateways together.'),
    burst: z
      .int()
      .min(1)
      .max(1_000_000)
      .optional()
      .describe('Requests that may come at once before the rate holds. Without it the count of the rate.'),
    by: wordsOrExpression('request', ['consumer', 'ip', 'all'])
      .prefault('consumer')
      .describe(
        'The key that requests are counted by: consumer (an unknown one counts by IP), ip, all (one count for everybody), or an expression. When the expression has no value, the IP counts. Each /64 of IPv6 addresses counts as one.',
      ),
  });
}

export function compression() {
  return z.strictObject({
    encodings: z
      .array(z.enum(['zstd', 'br', 'gzip']))
      .min(1)
      .max(3)
      .prefault(['br', 'gzip'])
      .describe('Encodings that are offered, best first.'),
    minSize: size().prefault('1Ki').describe('Smaller answers are sent as they are, in bytes.'),
    types: z
      .array(z.string().min(1).max(128))
      .min(1)
      .max(64)
      .prefault(['text/*', 'application/json', 'application/*+json', 'application/javascript', 'image/svg+xml'])
      .describe('Media types that are compressed. Answers that are encoded already, and event streams, are not.'),
  });
}

export function version() {
  const wrong = 'The name of a version has letters, digits, ".", "_" and "-", such as v2.';
  return z.strictObject({
    name: z
      .string(wrong)
      .min(1, wrong)
      .max(32, wrong)
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, wrong)
      .describe('Name of the version, such as v2.'),
    by: z
      .enum(['path', 'header', 'media-type'])
      .prefault('path')
      .describe(
        'How a request names it: as the first part of the path (/v2/…), in a header, or in the media type in Accept: as its parameter (application/json;version=v2) or in the name of one of a vendor (application/vnd.shop.v2+json).',
      ),
    header: headerName().prefault('api-version').describe('The header, where `by` is header.'),
    default: z.boolean().prefault(false).describe('true: requests that name no version get this one.'),
  });
}

export function deprecation() {
  const time = z
    .string(TIME_WRONG)
    .max(32, TIME_WRONG)
    .regex(/^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z)?$/, TIME_WRONG)
    .refine(text => !Number.isNaN(Date.parse(text)), TIME_WRONG);
  const times = z.strictObject({
    since: time.optional().describe('When it became, or becomes, deprecated (Deprecation header, RFC 9745).'),
    sunset: time
      .optional()
      .describe(
        'When it stops to answer (Sunset header, RFC 8594): from then on every request gets 410. A date means its first moment in UTC.',
      ),
    link: httpUrl().optional().describe('Page that tells what to use instead (Link header).'),
  });
  return withRule(times, {
    message: 'It cannot stop to answer before it is deprecated: `sunset` must not be earlier than `since`.',
    cel: '!has(self.since) || !has(self.sunset) || self.since <= self.sunset',
    holds: ({ since, sunset }) => since === undefined || sunset === undefined || since <= sunset,
    at: 'sunset',
  });
}

export function openapi() {
  return z.strictObject({
    path: plainPath().prefault('/openapi.json').describe('Path of the OpenAPI 3.1 document, below the base path.'),
    title: z.string().min(1).max(200).optional().describe('Title of the document. Without it the name of the Api.'),
    description: z.string().max(10_000).optional().describe('Description in the document, in Markdown.'),
    public: z.boolean().prefault(false).describe('true serves the document without credentials.'),
  });
}
