// The head of a request that never went over a wire, for tests of what is decided by it.
import type { RequestHead } from '../../../gateway/http/request-head.ts';

export function headOf(method: string, target: string, host: string, fields: string[] = []): RequestHead {
  const [path = '', query] = target.split('?');
  return {
    method,
    host,
    authority: host,
    path,
    query: query === undefined ? '' : `?${query}`,
    fields,
    withheld: [],
    hasBody: false,
    contentLength: undefined,
    traceparent: undefined,
  };
}
