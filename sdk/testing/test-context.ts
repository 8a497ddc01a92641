// An application for a test: fakes behind the context's clients, and a record of what the function
// under test did with them.
import type { IncomingHttpHeaders } from 'node:http';
import type { LogLevel, Trace } from '../context.ts';
import { Invocation, type InvocationHost } from '../kernel/invocation.ts';
import { createFakeCache, type FakeCache } from './fake-cache.ts';
import { createFakeEndpoints, type Fakes, type Recorded } from './fake-endpoints.ts';
import type { TestErrors } from './own-errors.ts';

export interface TestContextOptions extends Fakes {
  /** Name of the function under test; `test` when absent. */
  readonly functionName?: string;
  /**
   * Milliseconds until the deadline; 29 s when absent. The signal aborts then, as
   * it would in a real process.
   */
  readonly timeoutMs?: number;
  /**
   * The result of `call` and `deliver` for an error that the function did not throw on purpose.
   * They `throw` it, which is the default, or give the `answer` that its caller would get.
   */
  readonly errors?: TestErrors;
}

export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Begins one invocation; not for tests, which use `call` and `deliver`. */
const BEGIN = Symbol('begin');

type Begin = (headers: IncomingHttpHeaders) => {
  readonly invocation: Invocation;
  readonly errors: TestErrors;
  end(): void;
};

export interface TestContext extends Recorded {
  /** Everything logged, `debug` included. */
  readonly logs: LogLine[];
  /** The cache of the function under test and of all that it calls. */
  readonly cache: FakeCache;
  readonly [BEGIN]: Begin;
}

const DEFAULT_TIMEOUT_MS = 29_000;

/**
 * `createTestContext({ functions: { customers: () => ({ name: 'Ada' }) }, views: { trends: [] } })`
 */
export function createTestContext(options: TestContextOptions = {}): TestContext {
  const cache = createFakeCache(options.cache);
  const app: TestContext = {
    invoked: [],
    published: [],
    enqueued: [],
    queried: [],
    blobs: new Map(),
    logs: [],
    cache,
    [BEGIN]: begin,
  };
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const endpoints = createFakeEndpoints(options, app, cache, (name, request) => {
    return new Invocation(
      hostOf(name),
      { headers: { ...request.headers } },
      { expiresAt: performance.now() + timeoutMs },
    );
  });
  function hostOf(functionName: string): InvocationHost {
    return {
      functionName,
      log: {
        isEnabled: () => true,
        write: (level, message, fields, bound) => app.logs.push({ level, message, fields: { ...bound, ...fields } }),
      },
      transport: () => endpoints,
      traceOf: toTrace,
    };
  }
  const host = hostOf(options.functionName ?? 'test');
  function begin(headers: IncomingHttpHeaders): ReturnType<Begin> {
    const invocation = new Invocation(host, { headers }, { expiresAt: performance.now() + timeoutMs });
    const expire = () => invocation.cancel(new DOMException('The time limit was reached.', 'TimeoutError'));
    // Timers may fire up to a millisecond before the moment by the clock.
    const timer = setTimeout(expire, timeoutMs + 1);
    return { invocation, errors: options.errors ?? 'throw', end: () => clearTimeout(timer) };
  }
  return app;
}

export function beginInvocation(app: TestContext, headers: IncomingHttpHeaders): ReturnType<Begin> {
  return app[BEGIN](headers);
}

function toTrace(headers: IncomingHttpHeaders): Trace {
  const [, traceId] = /^00-([0-9a-f]{32})-/.exec(String(headers['traceparent'])) ?? [];
  const id = traceId ?? crypto.randomUUID().replaceAll('-', '');
  const spanId = crypto.randomUUID().replaceAll('-', '').slice(0, 16);
  const trace = { traceId: id, spanId, traceparent: `00-${id}-${spanId}-01` };
  const state = headers['tracestate'];
  return traceId !== undefined && typeof state === 'string' ? { ...trace, tracestate: state } : trace;
}
