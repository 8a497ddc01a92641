// Asks the admin API, and says in one kind of error what went wrong.
import type { Endpoint, Input } from './endpoints.ts';
import { endSession, proofOfSession } from './session.ts';

const TIMEOUT_MS = 20_000;
/** So old may a look be that an answer comes from, seconds. */
const LOOK_SECONDS = 15;
/** Answers that the platform need not repeat, by address; the oldest go first. */
const KEPT = 4;
const kept = new Map<string, { readonly tag: string; readonly answer: unknown }>();

/** The right that a caller lacks, as the admin API names it. */
export interface NeededRight {
  readonly verb: string;
  readonly role: string;
  readonly namespace?: string;
}

export class ApiError extends Error {
  /** 0: there was no answer. */
  readonly status: number;
  readonly needs: NeededRight | undefined;
  /** The place in a query that is wrong. */
  readonly place: { readonly line: number; readonly column: number } | undefined;

  constructor(message: string, status: number, more: Partial<Pick<ApiError, 'needs' | 'place'>> = {}) {
    super(message);
    this.status = status;
    this.needs = more.needs;
    this.place = more.place;
  }
}

export async function ask<P extends string, Q extends string, B, A>(
  endpoint: Endpoint<P, Q, B, A>,
  input: Input<P, Q, B>,
  signal?: AbortSignal,
  timeoutMs = TIMEOUT_MS,
): Promise<A> {
  const ends = AbortSignal.timeout(timeoutMs);
  try {
    const address = addressOf(endpoint, input);
    const known = endpoint.fromLook ? kept.get(address) : undefined;
    const until = signal ? AbortSignal.any([signal, ends]) : ends;
    const response = await askRaw(endpoint, input, 'application/json', until, known?.tag);
    if (response.status === 304) return known?.answer as A;
    // The answer may break off in its midst, too.
    const answer = response.status === 204 ? (undefined as A) : ((await response.json()) as A);
    if (endpoint.fromLook) keep(address, response.headers.get('etag'), answer);
    return answer;
  } catch (error) {
    if (signal?.aborted || error instanceof ApiError) throw error;
    throw new ApiError('The platform does not answer. See whether it runs; this page asks again by itself.', 0);
  }
}

function keep(address: string, tag: string | null, answer: unknown): void {
  kept.delete(address);
  if (tag !== null) kept.set(address, { tag, answer });
  const [oldest] = kept.keys();
  if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest);
}

/** The answer before its body is read. Throws an ApiError where the platform refuses. */
export async function askRaw<P extends string, Q extends string, B, A>(
  endpoint: Endpoint<P, Q, B, A>,
  input: Input<P, Q, B>,
  accept: string,
  signal: AbortSignal,
  tag?: string,
): Promise<Response> {
  const { body } = input;
  const response = await fetch(addressOf(endpoint, input), {
    method: endpoint.method,
    credentials: 'same-origin',
    headers: {
      accept,
      ...proofOfSession(),
      ...(endpoint.fromLook ? { 'cache-control': `max-age=${LOOK_SECONDS}` } : {}),
      ...(tag === undefined ? {} : { 'if-none-match': tag }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal,
  });
  if (!response.ok && response.status !== 304) throw await toError(response);
  return response;
}

async function toError(response: Response): Promise<ApiError> {
  const problem = (await response.json().catch(() => ({}))) as {
    readonly detail?: string;
    readonly title?: string;
    readonly needs?: NeededRight;
    readonly line?: number;
    readonly column?: number;
  };
  if (response.status === 401) endSession();
  const message = problem.detail ?? problem.title ?? `The platform answered with the status ${response.status}.`;
  const { needs, line, column } = problem;
  const place = line === undefined || column === undefined ? undefined : { line, column };
  return new ApiError(message, response.status, { needs, place });
}

function addressOf<P extends string, Q extends string, B, A>(
  { path, query: names }: Endpoint<P, Q, B, A>,
  { params, query }: Input<P, Q, B>,
): string {
  const values = params as Readonly<Record<string, string>>;
  const filled = path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(values[name] ?? ''));
  const said = new URLSearchParams();
  for (const name of names) {
    const value = query?.[name];
    if (value !== undefined && value !== '') said.set(name, value);
  }
  return said.size === 0 ? `/api${filled}` : `/api${filled}?${said}`;
}
