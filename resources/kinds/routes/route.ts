// One route of an Api: its conditions, its targets, and the changes on the way.
import * as z from 'zod';
import { isRefusedUpgrade } from '../../../core/http/upgrade-protocols.ts';
import { connections } from '../calls/connections.ts';
import { cache, circuitBreaker, healthCheck } from '../calls/protection.ts';
import { requestRetry } from '../calls/retry.ts';
import { pathTemplate, template } from '../fields/expression.ts';
import { jsonSchema } from '../fields/json.ts';
import { label } from '../fields/names.ts';
import { target, targets } from '../fields/target.ts';
import { duration, size } from '../fields/units.ts';
import { cors, deprecation, rateLimit } from './api-policies.ts';
import { routeAuth } from './auth.ts';
import { headerChanges, hostPattern, requestMatch, sticky } from './http.ts';

export const routeMatch = z.strictObject({
  ...requestMatch,
  hosts: z
    .array(hostPattern())
    .min(1)
    .max(16)
    .optional()
    .describe('Hosts that the route answers for. Without it those of the Api.'),
  consumers: z
    .array(z.string().min(1).max(128))
    .min(1)
    .max(64)
    .optional()
    .describe('Consumers (subject of the token, or name of the API key) that the route is for. Without it all.'),
});

const timeouts = z.strictObject({
  connect: duration({ min: '1ms', max: '29s' }).prefault('2s').describe('Longest time to open a connection.'),
  firstByte: duration({ min: '1ms', max: '24h' })
    .optional()
    .describe('Longest time of one attempt until its answer begins. Without it only the timeout counts.'),
  idle: duration({ min: '1ms', max: '24h' })
    .prefault('5m')
    .describe(
      'Longest silence once the answer has begun, and on an upgraded connection. The timeout does not end those.',
    ),
});

const request = z.strictObject({
  schema: jsonSchema()
    .optional()
    .describe('Schema that a JSON body must match; other requests are answered 400 with the reasons.'),
  maxBody: size().prefault('10Mi').describe('Largest body, in bytes; a larger one is answered 413.'),
  path: pathTemplate('request')
    .optional()
    .describe(
      'Path that the target gets, such as "/v2/orders/${params.id}". Without it the path as it came, without the base path.',
    ),
  host: template('request', 253).optional().describe('Host that the target gets. Without it the host of its address.'),
  headers: headerChanges('request').optional().describe('Changes to the headers of the request.'),
});

const event = z.strictObject({
  type: template('request', 256)
    .optional()
    .describe('Type of the event that is made from a plain body. Without it the name of the topic, queue or fan-out.'),
  source: template('request', 1024).optional().describe('Source of the event. Without it the address of the route.'),
  subject: template('request', 1024).optional().describe('Subject of the event.'),
});

function protocol() {
  const wrong = 'This must be the name of a protocol in lower case, such as websocket or spdy/3.1.';
  return z
    .string(wrong)
    .max(64, wrong)
    .regex(/^[a-z0-9][a-z0-9._+-]*(\/[a-z0-9._+-]+)?$/, wrong)
    .refine(
      name => !isRefusedUpgrade(name),
      'An upgrade to another HTTP or to TLS would carry requests past the gateway. Remove it.',
    );
}

export function route() {
  return z.strictObject({
    name: label()
      .optional()
      .describe('Name of the route in metrics, logs and the OpenAPI document. Without it made from method and path.'),
    summary: z.string().max(500).optional().describe('One line for the OpenAPI document.'),
    match: routeMatch.describe(
      'Conditions that a request must meet. The most specific route wins; two that are equally specific are an error.',
    ),
    to: targets().describe('The targets of matching requests.'),
    failover: target().optional().describe('Gets the calls while no other target of the route is in service.'),
    healthCheck: healthCheck()
      .optional()
      .describe('Asks each `url` of the route again and again for its health. A Function with a url has its own.'),
    connections: connections('always', 'each `url` of the route'),
    sticky: z
      .strictObject({ by: sticky().describe('The value that keeps a client on the same target.') })
      .optional()
      .describe('Keeps each client on the target it got first, where there are several.'),
    timeout: duration({ min: '1ms', max: '24h' })
      .prefault('29s')
      .describe(
        'Longest time until the answer begins, with all attempts; a Function may have less. It is counted anew while the client sends its request. Once the answer has begun, timeouts.idle counts.',
      ),
    timeouts: timeouts.prefault({}).describe('Limits of single phases.'),
    retry: requestRetry().optional().describe('Tries a failed call again. Without it there are no retries.'),
    circuitBreaker: circuitBreaker()
      .optional()
      .describe('Stops calling the target for a while when too many calls fail.'),
    cache: cache()
      .optional()
      .describe('Keeps answers to GET and HEAD. Requests for the same thing at the same time are made once.'),
    rateLimit: rateLimit().optional().describe('A limit for this route, besides that of the Api.'),
    auth: routeAuth().optional().describe('Differences from the auth of the Api.'),
    cors: cors().optional().describe('Takes the place of the CORS settings of the Api.'),
    request: request.prefault({}).describe('Checks and changes on the way to the target.'),
    response: z
      .strictObject({
        headers: headerChanges('request').optional().describe('Changes to the headers of the response.'),
      })
      .optional()
      .describe('Changes on the way back.'),
    event: event
      .optional()
      .describe('The event made from a plain body, where the target is a topic, a queue or a fan-out.'),
    upgrade: z
      .array(protocol())
      .min(1)
      .max(8)
      .optional()
      .describe(
        'Protocols that a connection may be upgraded to, such as websocket or spdy/3.1. Without it requests for an upgrade are answered as any other.',
      ),
    deprecation: deprecation().optional().describe('Tells clients that the route goes away.'),
  });
}
