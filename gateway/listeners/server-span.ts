// Ends the span of a request as the conventions of OpenTelemetry for HTTP servers say.
import type { IncomingMessage } from 'node:http';
import type { Span, SpanFacts } from '../../core/tracing/span.ts';
import type { Answered } from './answered.ts';

const USER_AGENT = 'user-agent';

export function endServerSpan(span: Span, answered: Answered, request: IncomingMessage): void {
  const { method, route, status, reason, failure, durationMs } = answered;
  // The pattern of the route: the path itself would make a name of every id.
  if (route !== undefined) span.name = `${method} ${route.path}`;
  // A 4xx is the client's mistake, and no error of the server.
  if (status >= 500) span.fail(reason ?? String(status), failure instanceof Error ? failure.message : undefined);
  else if (reason !== undefined && status === 0) span.fail(reason, undefined, false);
  span.finish(new ServerFacts(answered, request), durationMs);
}

/** A class, as there is one for every request. */
class ServerFacts implements SpanFacts {
  readonly #answered: Answered;
  readonly #request: IncomingMessage;

  constructor(answered: Answered, request: IncomingMessage) {
    this.#answered = answered;
    this.#request = request;
  }

  describe(span: Span): void {
    const { method, route, status, reason, host, path, client, listener } = this.#answered;
    const { socket, httpVersion, rawHeaders } = this.#request;
    span
      .set('http.request.method', method)
      .set('http.route', route?.path)
      .set('http.response.status_code', status === 0 ? undefined : status)
      .set('url.path', path)
      .set('url.scheme', 'encrypted' in socket ? 'https' : 'http')
      .set('server.address', hostOf(host))
      .set('client.address', client)
      .set('network.protocol.version', httpVersion)
      .set('user_agent.original', userAgentOf(rawHeaders))
      .set('tenfold.listener', listener)
      .set('tenfold.resource', route && `${route.kind}/${route.namespace}/${route.name}`)
      .set('tenfold.target', route?.target)
      .set('tenfold.reason', reason);
  }
}

/** Without the port. */
function hostOf(authority: string | undefined): string | undefined {
  return authority?.replace(/:\d+$/, '');
}

/** Node makes an object of all fields when somebody asks for `headers`, and nobody else does. */
function userAgentOf(fields: readonly string[]): string | undefined {
  for (let index = 0; index < fields.length; index += 2) {
    const name = fields[index] ?? '';
    if (name.length === USER_AGENT.length && name.toLowerCase() === USER_AGENT) return fields[index + 1];
  }
  return undefined;
}
