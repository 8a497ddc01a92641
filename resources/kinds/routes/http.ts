// How HTTP requests are matched and changed: paths, headers, query parameters, cookies.
import * as z from 'zod';
import { template } from '../fields/expression.ts';
import { type ExpressionScope, withMarks } from '../fields/marks.ts';
import { headerName, label } from '../fields/names.ts';
import { recordOf } from '../fields/record.ts';
import { exactlyOneOf } from '../fields/rules.ts';

const PATH_WRONG =
  'A path begins with "/", or is empty for the base path itself. A part of it is literal or a parameter such as :id, and the last may be "*", which matches the rest. Example: /orders/:id/items.';

/** RFC 3986 `pchar` without what means something in our paths. */
const LITERAL = "([A-Za-z0-9._~!$&'+,;=@-]|%[0-9A-Fa-f]{2})";

/** `/orders`, `/orders/:id`, `/orders/*`; `/` and an empty path are the base path itself. */
export function routePath() {
  const schema = z
    .string(PATH_WRONG)
    .max(1024, PATH_WRONG)
    .regex(new RegExp(`^(/(:[A-Za-z_][A-Za-z0-9_]*|${LITERAL}*))*(/\\*)?$`), {
      error: ({ input }) => wrongPath(String(input)),
    })
    .refine(
      path => new Set(parameters(path)).size === parameters(path).length,
      'A parameter appears twice in the path.',
    );
  return withMarks(schema, { typeName: 'path' });
}

/** OpenAPI writes `{id}`. */
function wrongPath(path: string): string {
  const [, name] = /\{([A-Za-z_][A-Za-z0-9_]*)\}/.exec(path) ?? [];
  return name === undefined ? PATH_WRONG : `Write ":${name}" in place of "{${name}}". ${PATH_WRONG}`;
}

/** A path without parameters, such as `/shop`. */
export function plainPath() {
  const wrong = 'This must be a path without parameters that begins with "/" and does not end with it, such as /shop.';
  return withMarks(
    z
      .string(wrong)
      .min(1, wrong)
      .max(1024, wrong)
      .regex(new RegExp(`^(/|(/${LITERAL}+)+)$`), wrong),
    {
      typeName: 'path',
    },
  );
}

export function hostPattern() {
  const wrong = 'This must be a host name such as api.example.com, or *.example.com for all hosts one level below.';
  const schema = z
    .string(wrong)
    .max(253, wrong)
    .regex(/^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/, wrong);
  return withMarks(schema, { typeName: 'host' });
}

/** Names of namespaces. */
export function allowRoutesFrom() {
  return z.array(label()).max(64);
}

export const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'QUERY'] as const;

export function method() {
  return z.enum(methods, `This must be one of ${methods.join(', ')}.`);
}

/** One method or several. */
function methodOrMethods() {
  const wrong = 'This must be a method such as GET, or a list such as [GET, HEAD].';
  return withMarks(z.union([method(), z.array(method()).min(1).max(methods.length)], wrong), {
    typeName: 'method, or list of methods',
  });
}

/** Literal text, or a closer description of the value. */
function valueMatch() {
  const detailed = exactlyOneOf(
    z.strictObject({
      exact: z.string().max(1024).optional().describe('The value is this text.'),
      prefix: z.string().min(1).max(1024).optional().describe('The value begins with this text.'),
      pattern: z.string().min(1).max(512).optional().describe('The whole value matches this regular expression (RE2).'),
      present: z.boolean().optional().describe('true: it is there with any value. false: it is not there.'),
    }),
    ['exact', 'prefix', 'pattern', 'present'],
  );
  const wrong = 'This must be the expected text, or one of { exact, prefix, pattern, present }.';
  return withMarks(z.union([z.string().min(1, wrong).max(1024, wrong), detailed], wrong), {
    typeName: 'text, or match',
  });
}

/** The conditions that a request must meet for a route; all of them must hold. */
export const requestMatch = {
  path: routePath().describe(
    'Path below the base path: literal parts, parameters (`:id`) and a last `*` for the rest. `/` is the base path itself, and `/*` takes that too. Literal parts win over parameters, parameters over `*`.',
  ),
  method: methodOrMethods().optional().describe('Method or methods. Without it every method matches.'),
  headers: recordOf(headerName(), valueMatch(), 16)
    .optional()
    .describe('Headers by name in lower case, with the expected value.'),
  query: recordOf(z.string().min(1).max(128), valueMatch(), 16)
    .optional()
    .describe('Query parameters with the expected value; the first one counts when a name appears twice.'),
  cookies: recordOf(z.string().min(1).max(128), valueMatch(), 16)
    .optional()
    .describe('Cookies with the expected value.'),
};

/** Headers set, added and removed on the way through. */
export function headerChanges(scope: ExpressionScope) {
  return z.strictObject({
    set: recordOf(headerName(), template(scope), 32)
      .optional()
      .describe('Headers that get this value, whatever they held.'),
    add: recordOf(headerName(), template(scope), 32)
      .optional()
      .describe('Headers that get this value besides those already there.'),
    remove: z.array(headerName()).max(32).optional().describe('Headers that are taken away.'),
  });
}

/** The client headers that reach targets. */
export function clientHeaders() {
  return z.strictObject({
    allow: z
      .array(headerName())
      .max(64)
      .prefault([])
      .describe(
        'Headers that targets get from every client, though the gateway withholds them by default. Examples are names with "_", and headers in which proxies name the caller, such as x-remote-user.',
      ),
    fromProxies: z
      .array(headerName())
      .max(64)
      .prefault([])
      .describe('The same, only on connections of proxies that `trustedProxies` of the configuration names.'),
    drop: z
      .array(headerName())
      .max(64)
      .prefault([])
      .describe('Further headers that targets never get from clients, in any spelling.'),
  });
}

export function sticky() {
  const wrong = 'This must be cookie:name, header:name or ip.';
  return withMarks(
    z
      .string(wrong)
      .max(256, wrong)
      .regex(/^(ip|(cookie|header):[A-Za-z0-9_-]+)$/, wrong),
    { typeName: 'cookie:name, header:name or ip' },
  );
}

function parameters(path: string): string[] {
  return path.match(/:[A-Za-z_][A-Za-z0-9_]*/g) ?? [];
}
