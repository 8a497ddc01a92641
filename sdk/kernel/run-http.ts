// Runs an HTTP function for one request: route, validate, call. Returns the result of the handler,
// or throws its error.
import type { Context } from '../context.ts';
import type { HttpInput } from '../http-request.ts';
import { reply } from '../reply.ts';
import type { HttpDefinition } from './definition.ts';
import type { FunctionRequest } from './function-request.ts';
import type { HttpEndpoint } from './http-endpoint.ts';
import { knownProblem } from './known-problems.ts';
import { parseBody } from './parse-body.ts';
import type { Router } from './router.ts';
import { validate } from './validate.ts';

/** The function is not async: a plain handler costs no promise beyond its own. */
export function runHttp(definition: HttpDefinition, request: FunctionRequest, context: Context): unknown {
  const { target } = definition;
  if ('find' in target) return runRoute(target, request, context);
  return runEndpoint(target, request, context);
}

function runRoute(router: Router, request: FunctionRequest, context: Context): unknown {
  const found = router.find(request.method, request.path);
  if (found === undefined) {
    const detail = `This function has no route for ${request.path.slice(0, 200)}.`;
    throw knownProblem('not-found', `${detail} ${router.explain?.(request) ?? ''}`.trimEnd());
  }
  if ('allowed' in found) {
    const allow = found.allowed.join(', ');
    if (request.method === 'OPTIONS') return reply(204, undefined, { allow });
    throw knownProblem('method-not-allowed', `${request.method} is not among ${allow}.`, { headers: { allow } });
  }
  if (found.params.length > 0) request.params = decodeParams(found.params);
  return runEndpoint(found.endpoint, request, context);
}

function runEndpoint(endpoint: HttpEndpoint, request: FunctionRequest, context: Context): unknown {
  const { handler, input } = endpoint;
  return input === undefined ? handler(request, context) : runValidated(handler, input, request, context);
}

async function runValidated(
  handler: HttpEndpoint['handler'],
  input: HttpInput,
  request: FunctionRequest,
  context: Context,
): Promise<unknown> {
  for (const part of ['params', 'query', 'headers', 'body'] as const) {
    const schema = input[part];
    if (schema === undefined) continue;
    // Plain objects: schemas of some libraries refuse objects without a prototype.
    const value = part === 'body' ? await parseBody(request) : { ...(request[part] as object) };
    const result = await validate(schema, value, part);
    if ('problem' in result) throw result.problem;
    request.setValidated(part, result.value);
  }
  return handler(request, context);
}

function decodeParams(params: ReadonlyArray<readonly [name: string, raw: string]>): Record<string, string> {
  const decoded: Record<string, string> = Object.create(null);
  for (const [name, raw] of params) {
    try {
      decoded[name] = raw.includes('%') ? decodeURIComponent(raw) : raw;
    } catch {
      throw knownProblem('bad-request', `The path has an escape that is not UTF-8: ${raw.slice(0, 100)}.`);
    }
  }
  return decoded;
}
