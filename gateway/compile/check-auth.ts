// Refuses authentication that would not do what it seems to: keys that cannot be found, headers
// with another use, nothing to require.
import type { Finding, Resource } from '../../resources/resource.ts';
import { isDiscoverable } from '../auth/find-key-address.ts';
import { isHopByHop, isReserved } from '../http/hop-by-hop.ts';
import type { PlanContext } from '../plan/plan-context.ts';

/** Fields that the request itself needs. */
const FIXED = new Set(['host', 'content-length', 'content-type', 'expect', 'traceparent', 'cookie']);

export function checkAuth(api: Resource<'Api'>, context: PlanContext): void {
  const { auth, routes } = api.spec;
  const report = (severity: Finding['severity'], at: Finding['path'], message: string) =>
    context.report(severity, api, ['spec', ...at], message);

  for (const [index, route] of routes.entries()) {
    const { required, allow, webhook } = route.auth ?? {};
    if (auth || !required || allow !== undefined || webhook) continue;
    const message = 'The Api has no auth, so nothing can be required of callers here. Give spec.auth, or remove this.';
    report('error', ['routes', index, 'auth'], message);
  }
  if (!auth) return;
  const { jwt, apiKey, optional, allow } = auth;
  if (!jwt && !apiKey && (optional || allow === undefined)) {
    report(
      'warning',
      ['auth'],
      'This auth has neither jwt nor apiKey, so no caller has to identify itself. Set one of them.',
    );
  }
  if (jwt && jwt.jwksUri === undefined && !isDiscoverable(jwt.issuer)) {
    const message = 'The issuer is no address, so it cannot be asked where its keys are. Give jwksUri.';
    report('error', ['auth', 'jwt', 'issuer'], message);
  }
  for (const header of Object.keys(jwt?.forward ?? {})) {
    if (!isTaken(header) && header !== 'authorization') continue;
    const message = `The header ${header} has another use and cannot carry a claim. Choose another name.`;
    report('error', ['auth', 'jwt', 'forward', header], message);
  }
  if (apiKey && (isTaken(apiKey.header) || (jwt && apiKey.header === 'authorization'))) {
    const message = `The header ${apiKey.header} has another use and cannot carry a key. Choose another name.`;
    report('error', ['auth', 'apiKey', 'header'], message);
  }
}

function isTaken(header: string): boolean {
  return FIXED.has(header) || isHopByHop(header) || isReserved(header);
}
