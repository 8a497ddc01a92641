// Prints how the parts of an Aggregate do over its newest requests, and one request with its parts
// on one axis of time.
import { counted } from '../../core/units/counted.ts';
import type { PartReport, PartSummary, RequestReport } from '../../gateway/plan/requests-report.ts';
import { renderData } from '../output/render.ts';
import { type Column, renderTable } from '../output/table.ts';
import type { AdminClient } from '../platform/admin-client.ts';
import { ageOf } from '../relative-age.ts';
import type { Terminal } from '../terminal.ts';

export interface AggregateRequest {
  readonly namespace: string;
  readonly name: string;
  readonly format: 'table' | 'json' | 'yaml';
  readonly isSlowest: boolean;
}

/** All that a process keeps. */
const LIMIT = '100';
const BAR_WIDTH = 30;

export async function showAggregate(
  { namespace, name, format, isSlowest }: AggregateRequest,
  client: Pick<AdminClient, 'aggregateRequests'>,
  terminal: Terminal,
): Promise<void> {
  const report = await client.aggregateRequests(namespace, name, { limit: LIMIT });
  if (format !== 'table') {
    terminal.print(renderData(report, format));
    return;
  }
  const { process, counted: requests, parts, newest, slowest } = report;
  const whose = `the ${process.role} process on ${process.host}`;
  const [request] = isSlowest ? slowest : newest;
  if (request === undefined) {
    terminal.say(`Nothing: ${whose} has answered no request${isSlowest ? ' of the last hour' : ''}.`);
    return;
  }
  terminal.print(renderTable(summaryColumns(requests), parts, terminal.columns));
  terminal.print(`\n${headOf(request, isSlowest)}`);
  terminal.print(renderTable(partColumns(request, terminal), request.parts, terminal.columns));
  terminal.say(`The parts are those of ${counted(requests, 'request')} of ${whose}.`);
}

function headOf({ at, tookMs, status, code, trace }: RequestReport, isSlowest: boolean): string {
  const answer = status === undefined ? 'the caller left' : [status, code].filter(Boolean).join(' ');
  const which = isSlowest ? 'The slowest request' : 'The newest request';
  return `${which} came ${ageOf(at, Date.now())} ago and took ${msText(tookMs)}: ${answer}, trace ${trace}`;
}

function summaryColumns(requests: number): Column<PartSummary>[] {
  return [
    { title: 'PART', value: row => row.name },
    { title: 'CALLS', value: row => row.calls },
    { title: 'P50', value: row => msText(row.p50Ms) },
    { title: 'P95', value: row => msText(row.p95Ms) },
    { title: 'FAILED', value: row => percentText(row.failed, row.calls) },
    { title: 'MADE IT LATE', value: row => percentText(row.critical, requests) },
  ];
}

function partColumns({ tookMs }: RequestReport, { out }: Pick<Terminal, 'out'>): Column<PartReport>[] {
  return [
    { title: 'PART', value: row => row.name, paint: () => out.bold },
    { title: 'AFTER', value: row => row.waitsFor.join(',') || '-' },
    { title: 'BEGAN', value: row => msText(row.beganMs) },
    { title: 'TOOK', value: row => msText(row.tookMs) },
    {
      title: 'OUTCOME',
      value: outcomeText,
      paint: ({ outcome }) => (outcome === 'failed' ? out.red : outcome === 'fallback' ? out.yellow : undefined),
    },
    { title: 'TIME', value: row => barText(row, tookMs) },
  ];
}

function outcomeText({ outcome, reason, status, ageMs, hedged }: PartReport): string {
  const age = ageMs === undefined ? undefined : `${Math.floor(ageMs / 1000)}s old`;
  return [outcome, reason, status, age, hedged && 'hedged'].filter(Boolean).join(' ');
}

/** A bar has `#` where the part made the answer late, else `-`. */
function barText({ beganMs, tookMs = 0, critical }: PartReport, totalMs: number): string {
  if (beganMs === undefined || totalMs === 0) return '';
  const from = Math.min(BAR_WIDTH - 1, Math.floor((beganMs / totalMs) * BAR_WIDTH));
  const length = Math.max(1, Math.min(BAR_WIDTH - from, Math.round((tookMs / totalMs) * BAR_WIDTH)));
  return `${' '.repeat(from)}${(critical ? '#' : '-').repeat(length)}`;
}

function msText(ms: number | undefined): string {
  if (ms === undefined) return '-';
  return ms >= 999.5 ? `${Number((ms / 1000).toFixed(2))}s` : `${ms >= 10 ? Math.round(ms) : Number(ms.toFixed(1))}ms`;
}

function percentText(count: number, of: number): string {
  return of === 0 ? '-' : `${Math.round((100 * count) / of)}%`;
}
