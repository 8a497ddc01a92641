// A call on behalf of another: everything passes through, and policies change what
// they must by overriding it.
import type { Duplex } from 'node:stream';
import type { CallerKind } from '../../../core/caller-kind.ts';
import type { TraceContext } from '../../../core/trace-context.ts';
import type { BreakerMet, Call, Place } from '../../exchange/target.ts';
import type { RequestVariables } from '../../exchange/variables.ts';
import type { UpstreamControl } from '../../transport/transport.ts';

/**
 * A class, as it is one object per call with a lifecycle, and its kinds differ in a method or two.
 */
export class RelayCall implements Call {
  readonly outer: Call;
  #release: (() => void) | undefined;

  constructor(outer: Call) {
    this.outer = outer;
    outer.hold(() => this.outerEnded());
  }

  get method(): string {
    return this.outer.method;
  }

  get path(): string {
    return this.outer.path;
  }

  get headers(): readonly string[] {
    return this.outer.headers;
  }

  get body(): Call['body'] {
    return this.outer.body;
  }

  get priority(): number | undefined {
    return this.outer.priority;
  }

  get party(): string | undefined {
    return this.outer.party;
  }

  get workMs(): number | undefined {
    return this.outer.workMs;
  }

  get asksAlone(): boolean | undefined {
    return this.outer.asksAlone;
  }

  get trace(): TraceContext {
    return this.outer.trace;
  }

  get variables(): RequestVariables {
    return this.outer.variables;
  }

  get connectTimeoutMs(): number | undefined {
    return this.outer.connectTimeoutMs;
  }

  get point(): number | undefined {
    return this.outer.point;
  }

  get upgrade(): string | undefined {
    return this.outer.upgrade;
  }

  get bodyAt(): number | undefined {
    return this.outer.bodyAt;
  }

  get remainingMs(): number {
    return this.outer.remainingMs;
  }

  get signal(): AbortSignal {
    return this.outer.signal;
  }

  get by(): CallerKind | undefined {
    return this.outer.by;
  }

  get late(): boolean | undefined {
    return this.outer.late;
  }

  get begun(): boolean {
    return this.outer.begun;
  }

  get ended(): boolean {
    return this.outer.ended;
  }

  get place(): Place | undefined {
    return this.outer.place;
  }

  set place(place: Place | undefined) {
    this.outer.place = place;
  }

  attempted(): void {
    this.outer.attempted?.();
  }

  metBreaker(state: BreakerMet): void {
    this.outer.metBreaker?.(state);
  }

  hold(release: () => void): void {
    if (this.ended) release();
    else this.#release = release;
  }

  fail(error: unknown): void {
    this.outer.fail(error);
  }

  onRequestStart(control: UpstreamControl): void {
    this.outer.onRequestStart(control);
  }

  onRequestUpgrade(control: UpstreamControl, status: number, headers: unknown, socket: Duplex): void {
    this.outer.onRequestUpgrade?.(control, status, headers, socket);
  }

  onResponseStart(control: UpstreamControl, status: number): void {
    this.outer.onResponseStart(control, status);
  }

  onResponseData(control: UpstreamControl, chunk: Buffer): void {
    this.outer.onResponseData(control, chunk);
  }

  onResponseEnd(control: UpstreamControl): void {
    this.outer.onResponseEnd(control);
  }

  onResponseError(control: UpstreamControl, error: Error): void {
    this.outer.onResponseError(control, error);
  }

  /** The outer call is over, in whatever way. */
  protected outerEnded(): void {
    this.releaseHeld();
  }

  protected releaseHeld(): void {
    const release = this.#release;
    this.#release = undefined;
    release?.();
  }

  /** Once the outer call is over: whether its time had run out, rather than its owner left. */
  protected get ranOutOfTime(): boolean {
    return this.outer.late === true || this.outer.remainingMs <= 1;
  }
}
