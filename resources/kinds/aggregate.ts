// Aggregate: one answer made of several calls, in parallel where they do not
// need each other (pattern 4).
import * as z from 'zod';
import { cache, circuitBreaker, hedge } from './calls/protection.ts';
import { requestRetry } from './calls/retry.ts';
import { expression, pathTemplate, template } from './fields/expression.ts';
import { json, jsonSchema, templateValue } from './fields/json.ts';
import { headerName, identifier, reference } from './fields/names.ts';
import { recordOf } from './fields/record.ts';
import { exactlyOneOf } from './fields/rules.ts';
import { targets } from './fields/target.ts';
import { duration, size } from './fields/units.ts';
import { method } from './routes/http.ts';

const part = z.strictObject({
  to: targets().describe('Who is called. Its address never shows in an answer.'),
  method: method().prefault('GET').describe('Method of the call.'),
  path: pathTemplate('aggregate')
    .prefault('/')
    .describe(
      'Path and query of the call. Naming another part, as in "/customers/${order.body.customerId}", makes this part wait for that one.',
    ),
  headers: recordOf(headerName(), template('aggregate'), 32)
    .optional()
    .describe('Headers of the call, besides trace and deadline.'),
  body: templateValue('aggregate').optional().describe('JSON body of the call.'),
  when: expression('aggregate', 'bool').optional().describe('The part is left out, as null, unless this holds.'),
  required: z
    .boolean()
    .prefault(true)
    .describe('true: without this part the whole answer fails. false: its fallback, or null, takes its place.'),
  fallback: json().optional().describe('Body that stands in for a part that failed.'),
  timeout: duration({ min: '1ms', max: '29s' })
    .optional()
    .describe('Time limit of this part. Without it all the time that is left.'),
  retry: requestRetry().optional().describe('Tries a failed call again, within the time limit.'),
  circuitBreaker: circuitBreaker()
    .optional()
    .describe('Stops calling the target for a while when too many calls fail.'),
  hedge: hedge().optional().describe('Makes a second call when the first is slow.'),
  cache: cache().optional().describe('Keeps the answer of this part.'),
  maxBody: size().prefault('1Mi').describe('Largest body that this part may answer with, in bytes.'),
});

const response = exactlyOneOf(
  z.strictObject({
    body: templateValue('aggregate').optional().describe('The answer, with expressions such as "${order.body.total}".'),
    function: reference('Function')
      .optional()
      .describe('Function that gets all parts and the request, and makes the answer.'),
    status: z.int().min(200).max(599).prefault(200).describe('Status of an answer made by `body`.'),
    headers: recordOf(headerName(), template('aggregate'), 32)
      .optional()
      .describe('Headers of an answer made by `body`.'),
  }),
  ['body', 'function'],
);

export const aggregateSpec = z.strictObject({
  timeout: duration({ min: '1ms', max: '29s' })
    .prefault('5s')
    .describe('One deadline for the whole, shared by the parts.'),
  request: z
    .strictObject({
      schema: jsonSchema().optional().describe('Schema that a JSON body must match; other requests are answered 400.'),
      maxBody: size().prefault('1Mi').describe('Largest body, in bytes.'),
    })
    .prefault({})
    .describe('Conditions that a request must meet.'),
  parts: recordOf(identifier(), part, 32)
    .refine(parts => Object.keys(parts).length > 0, 'An Aggregate needs at least one part.')
    .describe('The calls, by the name under which expressions find their answers (`status`, `headers`, `body`).'),
  response: response.describe('The answer, made from the parts.'),
});
