// Says in OpenAPI's words how callers show who they are.
import type { Resource } from '../../resources/resource.ts';

type Auth = Resource<'Api'>['spec']['auth'];

/** Undefined when everybody may call. */
export function securitySchemes(auth: Auth): Record<string, object> | undefined {
  const schemes = {
    ...(auth?.jwt ? { jwt: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } : {}),
    ...(auth?.apiKey ? { apiKey: { type: 'apiKey', in: 'header', name: auth.apiKey.header } } : {}),
  };
  return Object.keys(schemes).length === 0 ? undefined : schemes;
}

/** One of the listed; an empty one stands for nobody in particular. */
export function securityOf(auth: Auth): object[] {
  const ways = Object.keys(securitySchemes(auth) ?? {}).map(name => ({ [name]: [] }));
  return auth?.optional ? [...ways, {}] : ways;
}
