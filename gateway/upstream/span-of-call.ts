// The span of one attempt of a call, as the conventions of OpenTelemetry for HTTP clients and for
// callers of functions say. It stands between the transport and the receiver of the answer.
import type { Duplex } from 'node:stream';
import { functionSpanId } from '../../core/trace-context.ts';
import type { FunctionService, Span, SpanFacts } from '../../core/tracing/span.ts';
import type { Call, Place } from '../exchange/target.ts';
import type { UpstreamControl, UpstreamHandler } from '../transport/transport.ts';
import { codeOf } from '../transport/transport-error.ts';

/** The part of a port that is left out, as of the default port. */
const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

/** A class, as there is one for every attempt. */
export class SpanOfCall implements UpstreamHandler, SpanFacts {
  readonly #span: Span;
  readonly #handler: UpstreamHandler;
  readonly #call: Call;
  readonly #place: Place;
  /** The span of the called function, which has none of its own. */
  readonly #function: Span | undefined;
  /** 0 without an answer. */
  #status = 0;
  #isGivenUp = false;

  constructor(span: Span, handler: UpstreamHandler, call: Call, place: Place, invoked: FunctionService | undefined) {
    this.#span = span;
    this.#handler = handler;
    this.#call = call;
    this.#place = place;
    if (invoked === undefined) return;
    this.#function = span.part.start(span.spanId, 'server', invoked.name, functionSpanId(span.spanId));
    this.#function.service = invoked;
  }

  onRequestStart(control: UpstreamControl): void {
    this.#handler.onRequestStart(control);
  }

  onRequestUpgrade(control: UpstreamControl, status: number, headers: unknown, socket: Duplex): void {
    this.#status = status;
    // The connection lives on for as long as both sides like.
    this.#finish();
    this.#handler.onRequestUpgrade?.(control, status, headers, socket);
  }

  onResponseStart(control: UpstreamControl, status: number): void {
    if (status >= 200) {
      this.#status = status;
      if (status >= 400) this.#span.fail(String(status), undefined, status >= 500);
    }
    this.#handler.onResponseStart(control, status);
  }

  onResponseData(control: UpstreamControl, chunk: Buffer): void {
    this.#handler.onResponseData(control, chunk);
  }

  onResponseEnd(control: UpstreamControl): void {
    this.#finish();
    this.#handler.onResponseEnd(control);
  }

  onResponseError(control: UpstreamControl, error: Error): void {
    // A call that its owner gave up did not fail, unless its time was over.
    const { ended, late = false } = this.#call;
    if (late) this.#span.fail('timeout', error.message);
    else if (ended) this.#isGivenUp = true;
    else this.#span.fail(codeOf(error) ?? error.name, error.message);
    this.#finish();
    this.#handler.onResponseError(control, error);
  }

  describe(span: Span): void {
    const { method, by = 'gateway' } = this.#call;
    const status = this.#status === 0 ? undefined : this.#status;
    if (span === this.#function) {
      const trigger = by === 'gateway' || by === 'function' ? 'http' : 'pubsub';
      span.set('faas.trigger', trigger).set('http.request.method', method).set('http.response.status_code', status);
      return;
    }
    const { origin } = this.#place;
    const { hostname, port, protocol } = addressOf(origin);
    const path = this.#place.basePath + this.#call.path;
    const query = path.indexOf('?');
    span
      .set('http.request.method', method)
      .set('server.address', hostname)
      .set('server.port', port === '' ? DEFAULT_PORTS[protocol] : Number(port))
      // Without the query, in which secrets may stand.
      .set('url.full', origin + (query < 0 ? path : path.slice(0, query)))
      .set('http.response.status_code', status)
      .set('tenfold.given_up', this.#isGivenUp || undefined);
    const invoked = this.#function?.name;
    if (invoked !== undefined) span.set('faas.invoked_name', invoked).set('faas.invoked_provider', 'tenfold');
  }

  #finish(): void {
    const called = this.#function;
    if (called !== undefined) {
      const { failed, matters, message, errorType } = this.#span;
      // A 4xx is no error of the server.
      if (failed && matters) called.fail(String(errorType), message);
      called.finish(this);
    }
    this.#span.finish(this);
  }
}

interface Address {
  readonly hostname: string;
  readonly port: string;
  readonly protocol: string;
}

/** A process calls a few hundred places; to parse a URL costs more than the rest of a span. */
const MOST_PLACES = 1000;
const addresses = new Map<string, Address>();

function addressOf(origin: string): Address {
  let found = addresses.get(origin);
  if (found === undefined) {
    const { hostname, port, protocol } = new URL(origin);
    found = { hostname, port, protocol };
    if (addresses.size >= MOST_PLACES) addresses.clear();
    addresses.set(origin, found);
  }
  return found;
}
