// Api: one public entry in front of many services: routes, versions, auth, limits (pattern 3).
import * as z from 'zod';
import { withRule } from './fields/rules.ts';
import { percent } from './fields/units.ts';
import { compression, cors, deprecation, openapi, rateLimit, version } from './routes/api-policies.ts';
import { auth } from './routes/auth.ts';
import { graphql } from './routes/graphql.ts';
import { allowRoutesFrom, clientHeaders, hostPattern, plainPath } from './routes/http.ts';
import { pathOptions } from './routes/path-options.ts';
import { route } from './routes/route.ts';

export const apiSpec = withRule(
  z.strictObject({
    hosts: z
      .array(hostPattern())
      .min(1)
      .max(16)
      .optional()
      .describe('Hosts that the Api answers for. Without it every host.'),
    basePath: plainPath().prefault('/').describe('Path in front of all routes; targets do not see it.'),
    path: pathOptions('refuse')
      .prefault({})
      .describe('Which spellings of a path are the same to the routes. Choose what the targets do.'),
    version: version()
      .optional()
      .describe('The version that this Api is; several Apis may share a base path when their versions differ.'),
    auth: auth().optional().describe('Who may call. Without it everybody may.'),
    headers: clientHeaders()
      .prefault({})
      .describe(
        'Which headers of clients targets get. Without it all headers but those in which proxies name the caller.',
      ),
    cors: cors().optional().describe('Which pages of other origins may call from a browser. Without it none.'),
    rateLimit: rateLimit()
      .optional()
      .describe('Limits requests; answers carry RateLimit and RateLimit-Policy, refused ones are 429.'),
    compression: compression()
      .optional()
      .describe('Compresses answers. Without it they are sent as the target sends them.'),
    deprecation: deprecation().optional().describe('Tells clients of all routes that the Api goes away.'),
    openapi: openapi()
      .optional()
      .describe(
        'Serves an OpenAPI 3.1 document made from the routes. Without it none is served to clients; the admin port always has it.',
      ),
    accessLog: z
      .strictObject({
        sample: percent()
          .prefault('100%')
          .describe('Share of the requests that are logged; those answered with 5xx always are.'),
      })
      .prefault({})
      .describe('One log line for each request.'),
    graphql: graphql().optional().describe('A GraphQL endpoint onto the same targets.'),
    fallThrough: z
      .boolean()
      .prefault(false)
      .describe(
        'Whether a request for a path of the Api, whose method or version the Api does not have, falls through. false: the gateway answers 405, 404 or 406. true: less specific routes of other resources, such as a Strangler, take the request, without the auth of this Api.',
      ),
    allowRoutesFrom: allowRoutesFrom()
      .prefault([])
      .describe(
        'Namespaces whose routes may stand on the hosts and below the paths that this Api owns. Without it those of its own alone.',
      ),
    routes: z.array(route()).max(256).prefault([]).describe('The routes; their order does not matter.'),
  }),
  {
    message: 'An Api needs at least one route, or graphql.',
    cel: 'has(self.graphql) || (has(self.routes) && self.routes.size() > 0)',
    holds: spec => spec.routes.length > 0 || spec.graphql !== undefined,
    at: 'routes',
  },
);
