// Asks the admin API, and turns its problem documents back into errors.
import type { FunctionDetail, List, PlatformInfo, ResourceDetail, ResourceSummary } from '../../admin/api.ts';
import type { ExplainRequest, RouteExplanation } from '../../admin/explain-view.ts';
import type { RouteView } from '../../admin/platform-view.ts';
import type { CacheReport, PurgeReport } from '../../admin/policy-view.ts';
import { type Code, errorCodes, TenfoldError } from '../../core/errors.ts';
import type { FunctionStatus } from '../../drivers/function-host/function-host.ts';
import type { FeatureReport, StranglerReport } from '../../gateway/strangler/report.ts';
import type { Phase } from '../../gateway/strangler/standing.ts';
import type { ResourceProblem } from '../../resources/resource.ts';
import { CommandError } from '../command-error.ts';
import type { PlatformTarget } from './find-platform.ts';

const TIMEOUT_MS = 10_000;

export interface AdminClient {
  info(): Promise<PlatformInfo>;
  resources(query: Readonly<Record<string, string | undefined>>): Promise<List<ResourceSummary>>;
  resource(kind: string, namespace: string, name: string): Promise<ResourceDetail>;
  functions(query: Readonly<Record<string, string | undefined>>): Promise<List<FunctionStatus>>;
  function(namespace: string, name: string): Promise<FunctionDetail>;
  routes(): Promise<List<RouteView>>;
  explain(request: ExplainRequest): Promise<RouteExplanation>;
  problems(): Promise<List<ResourceProblem>>;
  cache(): Promise<CacheReport>;
  purgeCache(query: Readonly<Record<string, string | undefined>>): Promise<PurgeReport>;
  stranglers(query: Readonly<Record<string, string | undefined>>): Promise<List<StranglerReport>>;
  moveFeature(namespace: string, name: string, feature: string, move: MoveRequest): Promise<FeatureReport>;
}

/** `reason` is kept in the report and in the log. */
export type MoveRequest = { readonly reason?: string | undefined } & (
  | { readonly action: 'promote' | 'back-out' }
  | { readonly action: 'phase'; readonly phase: Phase; readonly percent?: number | undefined }
);

export function createAdminClient(
  target: Pick<PlatformTarget, 'admin' | 'token'>,
  timeoutMs = TIMEOUT_MS,
): AdminClient {
  const path = (...parts: string[]) => parts.map(encodeURIComponent).join('/');
  // The answers are trusted to have the shapes of admin/api.ts: both sides are this package.
  const call = async <T>(
    method: string,
    where: string,
    query: Readonly<Record<string, string | undefined>> = {},
    sent?: unknown,
  ): Promise<T> => {
    const url = new URL(`api/${where}`, target.admin.endsWith('/') ? target.admin : `${target.admin}/`);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value);
    const response = await ask(url, method, target.token, timeoutMs, sent);
    const body: unknown = await response.json().catch(() => undefined);
    if (response.ok && body !== undefined) return body as T;
    throw errorOf(response.status, body, url);
  };
  const get = <T>(where: string, query?: Readonly<Record<string, string | undefined>>) => call<T>('GET', where, query);
  return {
    info: () => get('info'),
    resources: query => get('resources', query),
    resource: (kind, namespace, name) => get(`resources/${path(kind, namespace, name)}`),
    functions: query => get('functions', query),
    function: (namespace, name) => get(`functions/${path(namespace, name)}`),
    routes: () => get('routes'),
    explain: request => call('POST', 'routes/explain', {}, request),
    problems: () => get('problems'),
    cache: () => get('cache'),
    purgeCache: query => call('DELETE', 'cache', query),
    stranglers: query => get('stranglers', query),
    moveFeature(namespace, name, feature, { action, ...body }) {
      const where = `stranglers/${path(namespace, name)}/features/${path(feature, action)}`;
      return call(action === 'phase' ? 'PUT' : 'POST', where, {}, body);
    },
  };
}

async function ask(url: URL, method: string, token: string, timeoutMs: number, body: unknown): Promise<Response> {
  try {
    return await fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
  } catch (cause) {
    throw new CommandError('platform-unreachable', `No platform answers at ${url.origin} (${reasonOf(cause)}).`, {
      cause,
    });
  }
}

function errorOf(status: number, body: unknown, url: URL): Error {
  if (typeof body !== 'object' || body === null || !('type' in body)) {
    return new CommandError(
      'platform-unreachable',
      `What answers at ${url.origin} is not the admin API (status ${status}).`,
    );
  }
  const code = String(body.type).split('#').at(-1) ?? '';
  const detail = 'detail' in body ? String(body.detail) : `The admin API answered ${status}.`;
  return new TenfoldError(isCode(code) ? code : 'bad-gateway', detail);
}

function isCode(text: string): text is Code {
  return Object.hasOwn(errorCodes, text);
}

/** undici hides the interesting part of a failed fetch in the cause. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'no answer in time';
  if (error.cause instanceof Error) return reasonOf(error.cause);
  return 'code' in error && error.message === '' ? String(error.code) : error.message;
}
