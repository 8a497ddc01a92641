// Turns the options of `tenfold routes explain` into the request that is asked about.
import type { ExplainRequest } from '../../admin/explain-view.ts';
import { toCookieHeaders, toHeader, toTarget } from '../request-words.ts';

export interface ExplainOptions {
  readonly method: string;
  readonly path: string;
  readonly host: string | undefined;
  readonly header: readonly string[];
  readonly query: readonly string[];
  readonly cookie: readonly string[];
  readonly listener: string | undefined;
  readonly consumer: string | undefined;
}

export function toExplainRequest(options: ExplainOptions): ExplainRequest {
  const { path, query } = toTarget(options.path, options.query);
  return {
    method: options.method.toUpperCase(),
    path: path + query,
    host: options.host,
    headers: [...options.header.map(toHeader), ...toCookieHeaders(options.cookie)],
    listener: options.listener,
    consumer: options.consumer,
  };
}
