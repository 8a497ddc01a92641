// The endpoints of routes: all of them, and which one takes a given request.
import * as z from 'zod';
import { type AdminRoute, route } from '../../routing/route.ts';

/** RFC 9110 §5.6.2. */
const token = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;
const METHOD_WRONG = 'This must be a method such as GET.';
const NAME_WRONG = 'This must be the name of a header, such as accept.';
const fieldName = z.string(NAME_WRONG).max(256, NAME_WRONG).regex(token, NAME_WRONG);
const fieldValue = z
  .string()
  .max(16_384)
  .regex(/^[^\0\r\n]*$/, 'A value cannot hold line ends.');
const explainBody = z.strictObject({
  method: z.string(METHOD_WRONG).max(32, METHOD_WRONG).regex(token, METHOD_WRONG),
  path: z.string().max(16_384).startsWith('/', 'A path begins with "/".'),
  host: z.string().min(1).max(512).optional(),
  headers: z
    .array(z.tuple([fieldName, fieldValue]))
    .max(100)
    .default([]),
  listener: z.string().min(1).max(63).optional(),
  consumer: z.string().min(1).max(128).optional(),
});

export const routeRoutes: readonly AdminRoute[] = [
  route({
    method: 'GET',
    path: '/routes',
    does: 'Lists the routes of the listeners.',
    needs: 'view',
    where: 'each',
    answer: ({ view }) => ({ items: view.routes() }),
  }),
  route({
    // The question has a body, as header fields of the request in question are not those of this
    // one.
    method: 'POST',
    path: '/routes/explain',
    does: 'Shows which route takes the request in the body, and why none before it does.',
    needs: 'view',
    where: 'each',
    asks: true,
    body: { schema: explainBody, limit: '64kb' },
    answer: ({ view, body }) => view.explain(body),
  }),
];
