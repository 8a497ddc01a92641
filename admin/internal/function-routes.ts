// The endpoints of one Function: the lines that it wrote, and calling it.
import * as z from 'zod';
import { isDisguised, isHopByHop, isReserved } from '../../gateway/http/hop-by-hop.ts';
import { askLimits } from '../asking/ask-view.ts';
import { type AdminRoute, route } from '../routing/route.ts';
import { readLimit } from './limit.ts';

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
const invokeBody = z.strictObject({
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

export const functionRoutes: readonly AdminRoute[] = [
  route({
    method: 'GET',
    path: '/functions/:namespace/:name/lines',
    does: 'Shows the newest lines that it wrote, as far as this process hosts it and keeps them.',
    needs: 'view',
    where: 'path',
    query: ['text', 'after', 'limit'],
    answer: ({ view, params: { namespace, name }, query: { text, after, limit } }) =>
      view.asks.lines({ namespace, name, text, after, limit: readLimit(limit) }),
  }),
  route({
    method: 'POST',
    path: '/functions/:namespace/:name/invoke',
    does: 'Calls it by a request, and shows its answer.',
    needs: 'operate',
    where: 'path',
    body: { schema: invokeBody, limit: '4mb' },
    answer: ({ view, params: { namespace, name }, body, signal }) =>
      view.asks.invoke({ namespace, name, ...body }, signal),
  }),
];
