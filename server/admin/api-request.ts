// Sends a request to an Api for a person through the listener that serves it, as a client would.
// Routes, limits and ways to know a caller hold.
import { askLimits, type FunctionAnswer, type FunctionRequest } from '../../admin/asking/ask-view.ts';
import type { ExplainRequest, RouteExplanation } from '../../admin/explain-view.ts';
import type { Addresses } from '../../admin/platform-view.ts';
import type { RouteView } from '../../admin/route-view.ts';
import { TenfoldError } from '../../core/errors.ts';
import { nodeHttp, nodeHttps } from '../../core/http/node-http.ts';
import { childContext, formatTraceparent } from '../../core/trace-context.ts';
import type { World } from '../../core/world.ts';
import { PUBLIC } from '../../resources/ownership/listeners.ts';
import type { Resource } from '../../resources/resource.ts';
import type { PlanInForce } from '../plan-in-force.ts';
import { pairsOf, toBody } from './answer-parts.ts';

export interface ApiRequestOptions {
  readonly world: Pick<World, 'monotonic'>;
  readonly inForce: Pick<PlanInForce, 'resources'>;
  addresses(): Addresses;
  routes(): readonly RouteView[];
  explain(request: ExplainRequest): RouteExplanation;
}

export async function requestApi(
  options: ApiRequestOptions,
  request: FunctionRequest,
  signal: AbortSignal,
): Promise<FunctionAnswer> {
  const { namespace, name, method, path, headers, timeoutMs = askLimits.callMs } = request;
  const api = options.inForce.resources?.get('Api', namespace, name);
  if (!api) throw new TenfoldError('not-found', `There is no Api "${name}" in namespace "${namespace}".`);
  const { listener, address } = placeOf(options, request);
  const host = hostOf(api) ?? new URL(address).host;
  assertTaken(options.explain({ method, path, host, headers, listener }), request);
  const trace = childContext(undefined);
  const began = options.world.monotonic();
  const ends = AbortSignal.timeout(timeoutMs);
  try {
    const answer = await send(
      { ...request, address, host, traceparent: formatTraceparent(trace) },
      AbortSignal.any([signal, ends]),
    );
    const ms = Math.round(options.world.monotonic() - began);
    return { ...answer, ms, trace: trace.traceId };
  } catch (error) {
    if (signal.aborted || error instanceof TenfoldError) throw error;
    if (ends.aborted)
      throw new TenfoldError('timeout', `Api "${name}" has not answered within ${timeoutMs} ms.`, { cause: error });
    const message = `The listener "${listener}" at ${address} has not answered: ${error instanceof Error ? error.message : String(error)}`;
    throw new TenfoldError('bad-gateway', message, { cause: error });
  }
}

/** Throws `not-ready` where this process has no listener that serves it. */
function placeOf({ routes, addresses }: ApiRequestOptions, { namespace, name }: FunctionRequest) {
  const own = routes().find(each => each.kind === 'Api' && each.namespace === namespace && each.name === name);
  const listener = own?.listeners[0] ?? PUBLIC;
  const address = listener === PUBLIC ? addresses().public : addresses().listeners?.[listener];
  if (own !== undefined && address) return { listener, address };
  const message = `This process has no listener that serves Api "${name}" in namespace "${namespace}". Ask a process with the role gateway.`;
  throw new TenfoldError('not-ready', message);
}

/** The first host that its clients may name. Undefined: it takes any. */
function hostOf({ spec }: Resource<'Api'>): string | undefined {
  const [host] = spec.hosts ?? [];
  return host?.startsWith('*.') ? `www${host.slice(1)}` : host;
}

/** No caller reaches the Api of another namespace by the right to operate in this one. */
function assertTaken(
  { candidates, refusal }: RouteExplanation,
  { namespace, name, method, path }: FunctionRequest,
): void {
  const taken = candidates.find(({ verdict }) => verdict === 'takes');
  if (taken?.kind === 'Api' && taken.namespace === namespace && taken.name === name) return;
  const why = taken === undefined ? refusal?.message : `${taken.kind} "${taken.name}" takes it.`;
  throw new TenfoldError('not-found', `No route of Api "${name}" takes ${method} ${path}. ${why ?? ''}`.trim());
}

interface Sent extends FunctionRequest {
  readonly address: string;
  readonly host: string;
  readonly traceparent: string;
}

function send({ address, host, method, path, headers, body, traceparent }: Sent, signal: AbortSignal) {
  const bytes = body && ('text' in body ? Buffer.from(body.text) : Buffer.from(body.base64, 'base64'));
  const { protocol, hostname, port } = new URL(address);
  const length = bytes === undefined ? [] : ['content-length', String(bytes.length)];
  const options = {
    hostname: hostname.replace(/^\[|\]$/g, ''),
    port,
    path,
    method,
    signal,
    agent: false,
    headers: ['host', host, ...headers.flat(), ...length, 'traceparent', traceparent, 'connection', 'close'],
  } as const;
  return new Promise<Pick<FunctionAnswer, 'status' | 'headers' | 'body' | 'bytes'>>((resolve, reject) => {
    const sending =
      protocol === 'https:'
        ? // Its own listener: the certificate is for the names that clients use.
          nodeHttps().request({ ...options, servername: host.replace(/:\d+$/, ''), rejectUnauthorized: false })
        : nodeHttp().request(options);
    sending.on('error', reject);
    sending.on('response', response => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('error', reject);
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        chunks.push(chunk);
        if (size > askLimits.answerBytes) sending.destroy(tooLarge());
      });
      response.on('end', () => {
        const whole = Buffer.concat(chunks);
        resolve({
          status: response.statusCode ?? 0,
          headers: pairsOf(response.rawHeaders),
          body: toBody(whole),
          bytes: whole.length,
        });
      });
    });
    sending.end(bytes);
  });
}

function tooLarge(): TenfoldError {
  return new TenfoldError(
    'bad-gateway',
    `The answer has more than ${askLimits.answerBytes} bytes. Ask the Api for less.`,
  );
}
