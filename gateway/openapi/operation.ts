// One route and method as an OpenAPI operation: parameters, body, answers, security, deprecation.
import { asksLikeItsApi } from '../../resources/kinds/routes/auth.ts';
import type { Resource } from '../../resources/resource.ts';
import type { ApiRoute } from '../plan/route-site.ts';
import { problemReference } from './problems.ts';
import { securitySchemes } from './security.ts';

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header' | 'cookie';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: object;
}

export interface Operation {
  readonly operationId: string;
  readonly parameters: readonly Parameter[];
  readonly responses: Readonly<Record<string, object>>;
  readonly [member: string]: unknown;
}

const WITH_BODY = ['POST', 'PUT', 'PATCH', 'DELETE'];

export function toOperation(api: Resource<'Api'>, route: ApiRoute, method: string): Operation {
  const { spec } = api;
  const deprecation = route.deprecation ?? spec.deprecation;
  const open = !asksLikeItsApi(route);
  const body = WITH_BODY.includes(method) ? toRequestBody(route, operationIdOf(route, method)) : undefined;
  return {
    operationId: operationIdOf(route, method),
    ...(route.summary === undefined ? {} : { summary: route.summary }),
    ...(deprecation === undefined ? {} : { deprecated: true }),
    ...(deprecation?.sunset === undefined ? {} : { 'x-sunset': deprecation.sunset }),
    ...(deprecation?.link === undefined ? {} : { externalDocs: { url: deprecation.link } }),
    ...(open && securitySchemes(spec.auth) !== undefined ? { security: [] } : {}),
    parameters: [...pathParameters(route), ...matchParameters(route), ...versionParameters(api)],
    ...(body === undefined ? {} : { requestBody: body }),
    responses: toResponses(api, route, WITH_BODY.includes(method)),
  };
}

/** The name of the route with its method, or both made from method and path: `getOrdersById`. */
function operationIdOf(route: ApiRoute, method: string): string {
  const several = route.match.method === undefined || typeof route.match.method !== 'string';
  if (route.name !== undefined) return several ? `${route.name}-${method.toLowerCase()}` : route.name;
  const words = route.match.path
    .split('/')
    .filter(segment => segment !== '')
    .map(toWord);
  return method.toLowerCase() + words.join('');
}

function toWord(segment: string): string {
  if (segment === '*') return 'Rest';
  const plain = segment.replaceAll(/[^A-Za-z0-9]+(.)?/g, (_, next: string | undefined) => (next ?? '').toUpperCase());
  const word = plain.charAt(0).toUpperCase() + plain.slice(1);
  return segment.startsWith(':') ? `By${word}` : word;
}

function pathParameters({ match }: ApiRoute): Parameter[] {
  const names = [...match.path.matchAll(/:([A-Za-z_][A-Za-z0-9_]*)/g)].map(([, name = '']) => name);
  const schema = { type: 'string', minLength: 1 };
  const parameters = names.map((name): Parameter => ({ name, in: 'path', required: true, schema }));
  if (!match.path.endsWith('*')) return parameters;
  const description = 'The rest of the path; it may have slashes.';
  return [...parameters, { name: 'rest', in: 'path', required: true, description, schema: { type: 'string' } }];
}

const PLACES = { headers: 'header', query: 'query', cookies: 'cookie' } as const;

/** The conditions that a request must meet for the route to take it. */
function matchParameters({ match }: ApiRoute): Parameter[] {
  return Object.entries(PLACES).flatMap(([member, place]) =>
    Object.entries(match[member as keyof typeof PLACES] ?? {}).flatMap(([name, wanted]): Parameter[] => {
      if (typeof wanted === 'object' && wanted.present === false) return [];
      return [{ name, in: place, required: true, schema: valueSchema(wanted) }];
    }),
  );
}

type Wanted =
  | string
  | {
      readonly exact?: string | undefined;
      readonly prefix?: string | undefined;
      readonly pattern?: string | undefined;
    };

function valueSchema(wanted: Wanted): object {
  if (typeof wanted === 'string') return { type: 'string', const: wanted };
  if (wanted.exact !== undefined) return { type: 'string', const: wanted.exact };
  if (wanted.prefix !== undefined) return { type: 'string', pattern: `^${escapePattern(wanted.prefix)}` };
  if (wanted.pattern !== undefined) return { type: 'string', pattern: `^(?:${wanted.pattern})$` };
  return { type: 'string' };
}

function escapePattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

function versionParameters({ spec }: Resource<'Api'>): Parameter[] {
  const { version } = spec;
  if (version?.by !== 'header') return [];
  const schema = { type: 'string', const: version.name };
  return [
    { name: version.header, in: 'header', required: !version.default, description: 'The version of the API.', schema },
  ];
}

function toRequestBody({ request }: ApiRoute, id: string): object | undefined {
  if (request.schema === undefined) return undefined;
  // Its own `$id` keeps references inside the schema inside the schema.
  const schema = { $id: `bodies/${id}`, ...request.schema };
  return { required: true, content: { 'application/json': { schema } } };
}

function toResponses({ spec }: Resource<'Api'>, route: ApiRoute, hasBody: boolean): Record<string, object> {
  const isGuarded = (spec.auth !== undefined && asksLikeItsApi(route)) || route.auth?.webhook !== undefined;
  const hasRules = spec.auth?.allow !== undefined || route.auth?.allow !== undefined;
  return {
    '2XX': { description: 'The request was served.' },
    '400': problemReference('InvalidInput'),
    ...(isGuarded ? { '401': problemReference('Unauthenticated') } : {}),
    ...(isGuarded || hasRules ? { '403': problemReference('Forbidden') } : {}),
    ...(hasBody ? { '413': problemReference('BodyTooLarge') } : {}),
    ...(route.request.schema === undefined ? {} : { '415': problemReference('UnsupportedMediaType') }),
    ...(spec.rateLimit || route.rateLimit ? { '429': problemReference('TooManyRequests') } : {}),
    '5XX': problemReference('Unavailable'),
  };
}
