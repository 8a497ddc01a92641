// Reports the recent requests of an Aggregate: a waterfall of the parts of each, and a summary for
// each part.

import type { PartSummary, RequestReport, RequestsReport } from '../plan/requests-report.ts';
import { criticalPath } from './critical-path.ts';
import { CANCELLED } from './part-result.ts';
import type { RecentRequest, RecentRequests } from './recent-requests.ts';

/** `limit`: so many of the newest requests are listed; the summary is of all that are kept. */
export function reportRequests(recent: RecentRequests, now: number, limit: number): RequestsReport {
  const newest = recent.newest().map(toReport);
  return {
    counted: newest.length,
    parts: summariesOf(newest),
    newest: newest.slice(0, limit),
    slowest: recent.slowest(now).map(toReport),
  };
}

function toReport(request: RecentRequest): RequestReport {
  const { at, trace, parts, cameAt, endedAt, status, code } = request;
  const doneAt = request.partsDoneAt ?? endedAt;
  const wasCalled = (place: number) => !Number.isNaN(request.begunAt[place] ?? Number.NaN);
  // A request that its caller gave up has no answer that a part could make late.
  const critical = request.partsDoneAt === undefined ? NONE : criticalPath(parts, request.settledAt, wasCalled);
  return {
    at: new Date(at).toISOString(),
    trace,
    tookMs: rounded(request.tookMs),
    partsMs: rounded(doneAt - cameAt),
    ...(status !== undefined && { status }),
    ...(code !== undefined && { code }),
    parts: parts.map(({ name, waitsFor }, place) => {
      const { outcome, reason, status: answered, ageMs } = request.results[place] ?? CANCELLED;
      const began = request.begunAt[place] ?? Number.NaN;
      const settled = request.settledAt[place] ?? Number.NaN;
      return {
        name,
        outcome,
        ...(reason !== undefined && { reason }),
        ...(answered !== undefined && { status: answered }),
        ...(ageMs !== undefined && { ageMs: Math.round(ageMs) }),
        ...((request.hedged & (1 << place)) !== 0 && { hedged: true as const }),
        ...(wasCalled(place) && {
          beganMs: rounded(began - cameAt),
          tookMs: rounded((Number.isNaN(settled) ? doneAt : settled) - began),
        }),
        ...(critical.has(place) && { critical: true as const }),
        waitsFor: waitsFor.flatMap(other => parts[other]?.name ?? []),
      };
    }),
  };
}

const NONE: ReadonlySet<number> = new Set();

function summariesOf(requests: readonly RequestReport[]): readonly PartSummary[] {
  const byName = Map.groupBy(
    requests.flatMap(({ parts }) => parts),
    ({ name }) => name,
  );
  return [...byName].map(([name, all]) => {
    const calls = all.filter(({ tookMs, reason }) => tookMs !== undefined && reason !== 'cancelled');
    const times = calls.map(({ tookMs = 0 }) => tookMs).sort((a, b) => a - b);
    const [p50Ms, p95Ms] = [0.5, 0.95].map(share => times[Math.ceil(share * times.length) - 1]);
    return {
      name,
      calls: calls.length,
      ...(p50Ms !== undefined && { p50Ms }),
      ...(p95Ms !== undefined && { p95Ms }),
      failed: calls.filter(({ outcome }) => outcome === 'failed' || outcome === 'fallback').length,
      critical: all.filter(({ critical }) => critical).length,
    };
  });
}

/** To a hundredth of a millisecond. */
function rounded(ms: number): number {
  return Math.round(ms * 100) / 100;
}
