// Prints what is wrong, one paragraph for each finding, and what to do next.
import type { Diagnosis, Finding } from '../../admin/diagnosis/finding.ts';
import { counted } from '../../core/units/counted.ts';
import { exitCodes } from '../exit-codes.ts';
import { renderData } from '../output/render.ts';
import type { AdminClient } from '../platform/admin-client.ts';
import { ageOf } from '../relative-age.ts';
import type { Style } from '../style.ts';
import type { Terminal } from '../terminal.ts';

export interface DiagnoseRequest {
  readonly namespace: string | undefined;
  readonly format: 'text' | 'json' | 'yaml';
}

/** More are counted: `-o json` has all. */
const MOST_TOUCHED = 8;

export async function showDiagnosis(
  client: Pick<AdminClient, 'diagnosis'>,
  { namespace, format }: DiagnoseRequest,
  terminal: Terminal,
): Promise<void> {
  const diagnosis = await client.diagnosis({ namespace });
  const { findings, unknown } = diagnosis;
  if (findings.length > 0 || unknown.length > 0) terminal.exitCode = exitCodes.unhealthy.code;
  terminal.print(format === 'text' ? toText(diagnosis, terminal.out) : renderData(diagnosis, format));
}

function toText({ findings, unknown, resources, at }: Diagnosis, style: Style): string {
  const looked = `${counted(resources, 'resource')} looked at.`;
  if (findings.length === 0 && unknown.length === 0) return `${style.green('All is well.')} ${looked}`;
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const counts = [counted(errors, 'error'), counted(findings.length - errors, 'warning')].join(', ');
  return [
    ...findings.map(finding => paragraph(finding, Date.parse(at), style)),
    ...unknown.map(sentence => `${style.red('unknown')}  ${sentence}`),
    `${counts}; ${looked}`,
  ].join('\n\n');
}

function paragraph(finding: Finding, now: number, style: Style): string {
  const { severity, resource, reason, since, message, cause, touches, next } = finding;
  const paint = severity === 'error' ? style.red : style.yellow;
  const what = resource === undefined ? 'the platform' : `${resource.kind} ${resource.name}`;
  const where = resource === undefined || resource.namespace === 'default' ? '' : ` in ${resource.namespace}`;
  const age = since === undefined ? '' : `, for ${ageOf(since, now)}`;
  const lines = [
    `${paint(severity)}  ${style.bold(what)}${where}: ${reason}${age}`,
    `  ${message}`,
    ...(cause === undefined ? [] : [`  Cause: ${cause}`]),
    ...(touches.length === 0 ? [] : [`  Touches: ${touched(touches)}`]),
    `  ${style.cyan('Next:')} ${next}`,
  ];
  return lines.join('\n');
}

function touched(all: readonly string[]): string {
  const shown = all.slice(0, MOST_TOUCHED);
  const more = all.length - shown.length;
  return more === 0 ? shown.join(', ') : `${shown.join(', ')} and ${more} more`;
}
