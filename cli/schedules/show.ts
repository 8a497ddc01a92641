// `tenfold schedules list` and `show`: when schedules run, what became of the last runs, and what
// was left out.
import type { LeftOutRuns, ScheduledRun, ScheduleReport } from '../../admin/commands/schedule-view.ts';
import { collectPages } from '../output/collect-pages.ts';
import { type ListFormat, printList } from '../output/print-list.ts';
import { renderData } from '../output/render.ts';
import { type Column, oneLine, renderTable } from '../output/table.ts';
import type { AdminClient } from '../platform/admin-client.ts';
import { ageOf, relativeAge } from '../relative-age.ts';
import type { Style } from '../style.ts';
import type { Terminal } from '../terminal.ts';
import { scheduleNameOf } from './schedule-name.ts';

export interface ScheduleListRequest {
  readonly namespace: string | undefined;
  readonly limit: number;
  readonly format: ListFormat;
}

const WHY: Readonly<Record<LeftOutRuns['why'], string>> = {
  missed: 'due more than a minute ago',
  overlap: 'the job of the run before had not ended',
  waiting: 'as many as may wait did so already',
};

export async function listSchedules(
  { namespace, limit, format }: ScheduleListRequest,
  client: Pick<AdminClient, 'schedules'>,
  terminal: Terminal,
): Promise<void> {
  const { items, more } = await collectPages(limit, page => client.schedules({ namespace, ...page }));
  const listing = { items, format, none: 'No schedules.', nameOf: scheduleNameOf };
  printList({ ...listing, columns: wide => scheduleColumns(terminal.out, items, wide) }, terminal);
  if (more) terminal.say('There are more; see further with --limit.');
}

export function printSchedule(report: ScheduleReport, format: ListFormat, terminal: Terminal): void {
  if (format === 'json' || format === 'yaml') terminal.print(renderData(report, format));
  else terminal.print(format === 'name' ? scheduleNameOf(report) : describe(report, terminal.out));
}

function describe(report: ScheduleReport, style: Style): string {
  const { cron, timeZone, missed, overlap, next, waiting, runs, leftOut, decidedUntil } = report;
  const lines = [
    `Namespace  ${report.namespace}`,
    `Due        ${cron}, ${timeZone}`,
    `Missed     ${missed}`,
    ...(overlap === undefined ? [] : [`Overlap    ${overlap}`]),
    `State      ${stateOf(report)}`,
    `Next       ${next.length === 0 ? '-' : next.join(' ')}`,
    `Waiting    ${waiting}`,
    ...(decidedUntil === undefined
      ? []
      : [`Ahead      the clock was ahead: nothing runs before ${decidedUntil}, unless you pause and resume it`]),
  ];
  const parts = [[style.bold(scheduleNameOf(report)), ...lines.map(oneLine)].join('\n')];
  parts.push(runs.length === 0 ? 'No runs yet.' : `${style.bold('Runs')}\n${renderTable(runColumns(style), runs)}`);
  if (leftOut.length > 0) parts.push(`${style.bold('Left out')}\n${renderTable(leftOutColumns, leftOut)}`);
  return parts.join('\n\n');
}

function stateOf({ paused, decidedUntil, waiting }: ScheduleReport): string {
  if (paused !== undefined) return paused === 'resource' ? 'paused by its resource' : 'paused';
  if (decidedUntil !== undefined) return 'ahead';
  return waiting > 0 ? `${waiting} waiting` : 'running';
}

function scheduleColumns(style: Style, all: readonly ScheduleReport[], wide: boolean): Column<ScheduleReport>[] {
  const now = Date.now();
  const namespaces = wide || new Set(all.map(({ namespace }) => namespace)).size > 1;
  return [
    ...(namespaces ? [{ title: 'NAMESPACE', value: (row: ScheduleReport) => row.namespace }] : []),
    { title: 'SCHEDULE', value: scheduleNameOf, paint: () => style.bold },
    { title: 'DUE', value: row => row.cron },
    { title: 'TIME ZONE', value: row => row.timeZone },
    {
      title: 'STATE',
      value: stateOf,
      paint: row => (row.paused === undefined && row.decidedUntil === undefined ? style.green : style.yellow),
    },
    {
      title: 'NEXT IN',
      value: ({ next: [first] }) => (first === undefined ? '-' : relativeAge(Date.parse(first) - now)),
    },
    {
      title: 'LEFT OUT',
      value: row => leftOutWords(row.leftOut),
      paint: row => (row.leftOut.length > 0 ? style.yellow : undefined),
    },
    ...(wide
      ? [
          { title: 'MISSED', value: (row: ScheduleReport) => row.missed },
          { title: 'OVERLAP', value: (row: ScheduleReport) => row.overlap ?? '-' },
        ]
      : []),
    { title: 'LAST RUN', value: ({ runs: [run] }) => (run === undefined ? '-' : lastWords(run, now)) },
  ];
}

function leftOutWords(all: readonly LeftOutRuns[]): string {
  const sum = all.reduce((total, { count }) => total + count, 0);
  return all.some(({ atLeast }) => atLeast) ? `${sum}+` : String(sum);
}

function lastWords(run: ScheduledRun, now: number): string {
  return `${ageOf(run.at, now)} ago, ${outcomeOf(run)}`;
}

function outcomeOf({ outcome, jobState, error }: ScheduledRun): string {
  if (outcome === 'refused') return `refused: ${error ?? 'no reason was told'}`;
  return jobState ?? 'handed over';
}

function runColumns(style: Style): Column<ScheduledRun>[] {
  return [
    { title: 'DUE', value: row => row.due },
    { title: 'CAUSE', value: row => row.cause },
    { title: 'HANDED OVER', value: row => row.at },
    { title: 'EVENT', value: row => row.place ?? '-' },
    { title: 'JOB', value: row => row.job ?? '-' },
    {
      title: 'OUTCOME',
      value: outcomeOf,
      paint: row => (row.outcome === 'refused' || row.jobState === 'failed' ? style.red : undefined),
    },
  ];
}

const leftOutColumns: readonly Column<LeftOutRuns>[] = [
  { title: 'AT', value: row => row.at },
  { title: 'RUNS', value: row => (row.atLeast ? `${row.count} at least` : row.count) },
  { title: 'FROM', value: row => row.from },
  { title: 'WHY', value: row => WHY[row.why] },
];
