// Refuses headers that could never have the effect that a resource means: those that do not arrive,
// and those that nobody may let through.
import type { Finding, Resource } from '../../resources/resource.ts';
import { isIdentityField } from '../http/identity-fields.ts';
import type { PlanContext } from '../plan/plan-context.ts';
import { whyNotAllowed } from '../steps/client-headers.ts';

type At = Finding['path'];

export function checkHeaders(resource: Resource<'Api'> | Resource<'Strangler'>, context: PlanContext): void {
  const report = (at: At, message: string) => context.report('error', resource, ['spec', ...at], message);
  for (const list of ['allow', 'fromProxies'] as const) {
    for (const [index, name] of resource.spec.headers[list].entries()) {
      const reason = whyNotAllowed(name);
      if (reason !== undefined) report(['headers', list, index], reason);
    }
  }
  for (const [name, at] of lookedAt(resource)) {
    if (!isIdentityField(name)) continue;
    const message = `${name} of a client is withheld before anything looks at it: its name has "_", or proxies tell by it who calls. Choose another name.`;
    report(at, message);
  }
}

/** Headers of clients by which the gateway itself decides, and where the resource names them. */
function lookedAt(resource: Resource<'Api'> | Resource<'Strangler'>): (readonly [string, At])[] {
  if (resource.kind === 'Strangler') {
    return resource.spec.features.flatMap(({ match }, index) => namesOf(match.headers, ['features', index, 'match']));
  }
  const { auth, version, routes } = resource.spec;
  const own: (readonly [string, At])[] = routes.flatMap(({ match }, index) =>
    namesOf(match.headers, ['routes', index, 'match']),
  );
  if (auth?.apiKey) own.push([auth.apiKey.header, ['auth', 'apiKey', 'header']]);
  if (version?.by === 'header') own.push([version.header, ['version', 'header']]);
  return own;
}

function namesOf(headers: Readonly<Record<string, unknown>> | undefined, at: At): (readonly [string, At])[] {
  return Object.keys(headers ?? {}).map(name => [name, [...at, 'headers', name]] as const);
}
