// A request that a person writes, for a Function or an Api, as the bodies of endpoints have it.
import * as z from 'zod';
import { isDisguised, isHopByHop, isReserved } from '../../gateway/http/hop-by-hop.ts';
import { askLimits } from '../asking/ask-view.ts';

/** The platform sets them by itself. */
const OWN: ReadonlySet<string> = new Set(['content-length', 'host', 'traceparent', 'tracestate']);
const isOwn = (name: string) => OWN.has(name) || isHopByHop(name) || isReserved(name) || isDisguised(name);
const header = z.tuple([
  z
    .string()
    .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/, 'This must be the name of a header.')
    .refine(name => !isOwn(name.toLowerCase()), 'The platform sets this header by itself.'),
  z.string().regex(/^[\t -~\u0080-\u00ff]{0,8192}$/, 'A header has no such value.'),
]);

export const writtenRequest = z.strictObject({
  method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']),
  path: z
    .string()
    .max(8192)
    .regex(/^\/[!-~]*$/, 'A path begins with /. Characters beyond ASCII and blanks are encoded, such as %20.')
    .default('/'),
  headers: z.array(header).max(askLimits.headers).default([]),
  body: z
    .union([z.strictObject({ text: z.string() }), z.strictObject({ base64: z.base64() })], {
      error: 'This must have the body, as "text" or as "base64".',
    })
    .optional(),
  timeoutMs: z.int().min(1).max(askLimits.callMs).optional(),
});
