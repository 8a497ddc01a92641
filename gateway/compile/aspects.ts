// Everything a route can declare, in the order in which it happens to a request.

import { consumersOnly } from '../auth/consumers-only.ts';
import { share } from '../cors/share.ts';
import type { Step } from '../exchange/step.ts';
import { clientHeaders } from '../steps/client-headers.ts';
import { deprecate } from '../steps/deprecate.ts';
import { limitBody } from '../steps/limit-body.ts';
import { refuseSpellings } from '../steps/refuse-spellings.ts';
import { changeResponseHeaders } from '../steps/response-headers.ts';
import { authentication, rules } from './auth-aspects.ts';
import type { CompiledSite } from './plan-environment.ts';
import { rateLimit } from './rate-aspect.ts';
import { bodyForRetries, cache, compression, phases, requestSchema } from './route-policies.ts';
import { webhook } from './webhook-aspect.ts';

export const aspects: readonly ((site: CompiledSite) => Step | undefined)[] = [
  ({ api }) => clientHeaders(api.spec.headers),
  ({ cors }) => cors && share(cors),
  ({ api }) => refuseSpellings(api.spec.path),
  ({ versionHeader }) => (versionHeader === undefined ? undefined : varyBy(versionHeader)),
  ({ api, route }) => deprecate(route.deprecation ?? api.spec.deprecation ?? {}),
  authentication,
  consumersOnly,
  rules,
  rateLimit,
  ({ route }) => limitBody(route.request.maxBody),
  phases,
  webhook,
  requestSchema,
  ({ route }) => changeResponseHeaders(route.response?.headers),
  compression,
  cache,
  bodyForRetries,
];

/** A cache must not give the answer of one version to a client that asks for another. */
function varyBy(header: string): Step {
  return exchange => exchange.response.addFields('vary', header);
}
