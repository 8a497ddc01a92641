// A connection that changes its protocol (RFC 9110 §7.8): after the target has agreed, bytes go
// both ways until either side ends.
import type { Duplex } from 'node:stream';
import { TenfoldError } from '../../core/errors.ts';
import { rawField } from '../http/raw-field.ts';
import { toResponseFields } from '../http/response-fields.ts';
import type { UpstreamControl } from '../transport/transport.ts';
import type { ClientSide } from './client-side.ts';
import type { Exchange } from './exchange.ts';
import type { BreakerMet, Call, Place, Target } from './target.ts';

/** Bytes that a client may send before the target has agreed; more wait in its connection. */
const MOST_EARLY_BYTES = 64 * 1024;

/**
 * Sends the exchange's request on as one for the protocol of `client`. Anything but 101 is
 * answered to the client as it is.
 */
export function openTunnel(exchange: Exchange, client: ClientSide, target: Target): void {
  target.send(new TunnelCall(exchange, client));
}

class TunnelCall implements Call {
  readonly upgrade: string;
  readonly body = null;
  readonly #exchange: Exchange;
  readonly #client: ClientSide;
  readonly #early: Buffer[] = [];
  #earlyBytes = 0;
  readonly #onEarly = (chunk: Buffer): void => {
    this.#early.push(chunk);
    this.#earlyBytes += chunk.length;
    if (this.#earlyBytes >= MOST_EARLY_BYTES) this.#client.socket.pause();
  };
  /**
   * A client that ends its side before the target has answered has left. That shows only while the
   * socket is read.
   */
  readonly #onEarlyEnd = (): void => {
    this.#client.socket.destroy();
  };

  constructor(exchange: Exchange, client: ClientSide) {
    this.#exchange = exchange;
    this.#client = client;
    this.upgrade = client.protocol;
    client.socket.on('data', this.#onEarly).on('end', this.#onEarlyEnd);
  }

  get method() {
    return this.#exchange.method;
  }
  get path() {
    return this.#exchange.path;
  }
  get headers() {
    return this.#exchange.headers;
  }
  get trace() {
    return this.#exchange.trace;
  }
  get party() {
    return this.#exchange.party;
  }
  get remainingMs() {
    return this.#exchange.remainingMs;
  }
  get point() {
    return this.#exchange.point;
  }
  get bodyAt() {
    return undefined;
  }
  get signal() {
    return this.#exchange.signal;
  }
  get by() {
    return this.#exchange.by;
  }
  get late() {
    return this.#exchange.late;
  }
  get begun() {
    return this.#exchange.begun;
  }
  get ended() {
    return this.#exchange.ended;
  }
  get variables() {
    return this.#exchange.variables;
  }
  get connectTimeoutMs() {
    return this.#exchange.connectTimeoutMs;
  }
  get place() {
    return this.#exchange.place;
  }
  set place(place: Place | undefined) {
    this.#exchange.place = place;
  }

  attempted(): void {
    this.#exchange.attempted();
  }
  metBreaker(state: BreakerMet): void {
    this.#exchange.metBreaker(state);
  }

  hold(release: () => void): void {
    this.#exchange.hold(release);
  }
  fail(error: unknown): void {
    this.#exchange.fail(error);
  }
  onRequestStart(control: UpstreamControl): void {
    this.#exchange.onRequestStart(control);
  }
  onResponseStart(control: UpstreamControl, status: number): void {
    this.#exchange.onResponseStart(control, status);
  }
  onResponseData(control: UpstreamControl, chunk: Buffer): void {
    this.#exchange.onResponseData(control, chunk);
  }
  onResponseEnd(control: UpstreamControl): void {
    this.#exchange.onResponseEnd(control);
  }
  onResponseError(control: UpstreamControl, error: Error): void {
    this.#exchange.onResponseError(control, error);
  }

  onRequestUpgrade(control: UpstreamControl, _status: number, _headers: unknown, upstream: Duplex): void {
    const exchange = this.#exchange;
    const { socket, first } = this.#client;
    socket.pause().off('data', this.#onEarly).off('end', this.#onEarlyEnd);
    upstream.on('error', () => socket.destroy());
    if (exchange.ended) {
      upstream.destroy();
      return;
    }
    if (rawField(control.rawHeaders, 'upgrade')?.toLowerCase() !== this.upgrade.toLowerCase()) {
      upstream.destroy();
      exchange.fail(new TenfoldError('bad-gateway', 'The target changed to a protocol that nobody asked for.'));
      return;
    }
    exchange.response.message.writeHead(101, [
      ...toResponseFields(control.rawHeaders),
      'connection',
      'upgrade',
      'upgrade',
      this.upgrade,
    ]);
    exchange.response.message.flushHeaders();
    exchange.begin(true);
    const heard = (chunk: Buffer) => exchange.heard(chunk.length);
    socket.on('data', heard);
    upstream.on('data', heard);
    upstream.on('close', () => socket.destroy());
    socket.on('close', () => upstream.destroy());
    // A side that ends has left: the other one gets what was sent, and its connection is free.
    socket.on('end', () => upstream.end(() => upstream.destroy()));
    upstream.on('end', () => socket.end(() => socket.destroy()));
    for (const bytes of [first, ...this.#early]) if (bytes.length > 0) upstream.write(bytes);
    socket.pipe(upstream, { end: false });
    upstream.pipe(socket, { end: false });
  }
}
