// Sums the requests that a gateway has answered by listener and resource, for the graph.
import type { RequestCount } from '../../admin/graph/graph-view.ts';
import type { LabelledDurations } from '../../gateway/durations.ts';

const SERVER_ERROR = 500;

export function requestCounts(all: Iterable<LabelledDurations>): readonly RequestCount[] {
  const found = new Map<string, RequestCount>();
  for (const { labels, durations } of all) {
    const { listener, resource, http_response_status_code: status } = labels;
    const [kind, namespace, name] = String(resource).split('/');
    // No resource takes these.
    if (kind === undefined || namespace === undefined || name === undefined) continue;
    const key = `${listener} ${resource}`;
    const before = found.get(key) ?? { listener: String(listener), kind, namespace, name, requests: 0, errors: 0 };
    found.set(key, {
      ...before,
      requests: before.requests + durations.count,
      errors: before.errors + (Number(status) >= SERVER_ERROR ? durations.count : 0),
    });
  }
  return [...found.values()];
}
