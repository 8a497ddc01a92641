// A call whose answer is written down, and a target that does what a script says: for
// policies under fake time.
import { childContext } from '../../core/trace-context.ts';
import type { World } from '../../core/world.ts';
import type { Call, Place, Target } from '../../gateway/exchange/target.ts';
import type { UpstreamControl } from '../../gateway/transport/transport.ts';

export interface ScriptedCall extends Call {
  status: number;
  body: string;
  error: unknown;
  /** Answered, failed, or out of time. */
  readonly over: boolean;
  /** As when the client leaves. */
  leave(): void;
}

export function createCall(
  world: World,
  init: { method?: string; body?: string | null; timeoutMs?: number; workMs?: number; party?: string } = {},
) {
  const { method = 'GET', body = null, timeoutMs = 1000, workMs, party } = init;
  const deadline = world.monotonic() + timeoutMs;
  const abort = new AbortController();
  let release: (() => void) | undefined;
  let control: UpstreamControl | undefined;
  let over = false;
  const end = (reason?: Error) => {
    if (over) return;
    over = true;
    timer.cancel();
    if (reason) {
      abort.abort(reason);
      control?.abort(reason);
    }
    release?.();
  };
  const call: ScriptedCall = {
    method,
    path: '/',
    headers: [],
    body,
    workMs,
    party,
    trace: childContext(undefined),
    variables: {} as never,
    place: undefined as Place | undefined,
    status: 0,
    error: undefined,
    signal: abort.signal,
    get remainingMs() {
      return Math.max(1, deadline - world.monotonic());
    },
    get begun() {
      return call.status !== 0;
    },
    get ended() {
      return over;
    },
    get over() {
      return over;
    },
    hold(give) {
      if (over) give();
      else release = give;
    },
    fail(error) {
      if (over) return;
      call.error = error;
      end(error instanceof Error ? error : new Error('failed'));
    },
    onRequestStart: given => {
      control = given;
    },
    onResponseStart: (_control, status) => {
      call.status = status;
    },
    onResponseData: (_control, chunk) => {
      call.body = `${call.body ?? ''}${chunk}`;
    },
    onResponseEnd: () => end(),
    onResponseError: (_control, error) => call.fail(error),
    leave: () => end(new Error('the client left')),
  } as ScriptedCall;
  const timer = world.after(timeoutMs, () => call.fail(new Error('deadline')));
  return call;
}

/**
 * `connect` refuses, `reset` ends the connection, `hang` never answers; a status answers with it.
 */
export type Act = 'connect' | 'reset' | 'hang' | number | { status: number; retryAfter: string };

export interface ScriptedTarget extends Target {
  readonly calls: Call[];
}

/** Does the acts one after the other, the last one for ever. */
export function createTarget(...acts: Act[]): ScriptedTarget {
  const calls: Call[] = [];
  return {
    label: 'function test',
    calls,
    send(call) {
      const act = acts[Math.min(calls.length, acts.length - 1)]!;
      calls.push(call);
      const fields = typeof act === 'object' ? ['Retry-After', act.retryAfter] : [];
      const control = {
        rawHeaders: fields.map(text => Buffer.from(text)),
        pause() {},
        resume() {},
        abort: (error: Error) => call.onResponseError(control, error),
      };
      const failed = (code: string) => call.onResponseError(control, Object.assign(new Error(code), { code }));
      if (act === 'connect') return failed('ECONNREFUSED');
      call.onRequestStart(control);
      if (act === 'hang') return;
      if (act === 'reset') return failed('UND_ERR_SOCKET');
      call.onResponseStart(control, typeof act === 'object' ? act.status : act);
      call.onResponseData(control, Buffer.from(String(calls.length)));
      call.onResponseEnd(control);
    },
  };
}
