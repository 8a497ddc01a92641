// The endpoints of routes: all of them, and which one takes a given request.
import { json, Router } from 'express';
import * as z from 'zod';
import type { PlatformView } from '../platform-view.ts';
import { parseBody } from './body.ts';
import { only, onlyGet } from './problems.ts';
import { readQuery } from './query.ts';

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

export function routeRoutes(view: PlatformView): Router {
  const router = Router({ caseSensitive: true });
  router
    .route('/routes')
    .get((request, response) => {
      readQuery(request.query, []);
      response.json({ items: view.routes() });
    })
    .all(onlyGet);
  router
    .route('/routes/explain')
    // The question has a body, as header fields of the request in question are not those of this
    // one.
    .post(json({ limit: '64kb', strict: true }), (request, response) => {
      readQuery(request.query, []);
      response.json(view.explain(parseBody(explainBody, request.body ?? {})));
    })
    .all(only('POST'));
  return router;
}
