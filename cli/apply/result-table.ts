// The applied objects, as a table.
import { readText } from '../../k8s/api/kube-object.ts';
import type { Applied, AppliedAction } from '../../k8s/apply/apply-application.ts';
import type { Waiting } from '../../k8s/apply/wait-ready.ts';
import { type Column, renderTable } from '../output/table.ts';
import type { Terminal } from '../terminal.ts';

const PAINTS: Readonly<Record<AppliedAction, 'green' | 'yellow' | 'dim' | 'red'>> = {
  created: 'green',
  configured: 'yellow',
  unchanged: 'dim',
  deleted: 'red',
};

/** `waiting` is undefined where the command did not wait. */
export function resultTable(
  applied: readonly Applied[],
  waiting: readonly Waiting[] | undefined,
  { out, columns: width }: Pick<Terminal, 'out' | 'columns'>,
): string {
  const idOf = ({ kind, namespace, name }: Pick<Applied, 'kind' | 'namespace' | 'name'>) =>
    `${kind}/${namespace}/${name}`;
  const late = new Set(waiting?.map(idOf));
  const ready: Column<Applied> = {
    title: 'READY',
    value: row => (row.action === 'deleted' ? '' : late.has(idOf(row)) ? 'no' : 'yes'),
    paint: row => (late.has(idOf(row)) ? out.red : out.green),
  };
  const columns: Column<Applied>[] = [
    { title: 'KIND', value: row => row.kind },
    { title: 'NAMESPACE', value: row => row.namespace },
    { title: 'NAME', value: row => row.name },
    { title: 'CHANGE', value: row => row.action, paint: row => out[PAINTS[row.action]] },
    ...(waiting === undefined ? [] : [ready]),
    ...(applied.some(row => codeOf(row) !== '') ? [{ title: 'CODE', value: codeOf, paint: () => out.dim }] : []),
  ];
  return renderTable(columns, applied, width);
}

/** Which version of its source runs. */
function codeOf({ object, action }: Applied): string {
  if (action === 'deleted') return '';
  return readText(object, 'metadata', 'annotations', 'tenfold.dev/source')?.split('-').at(-1) ?? '';
}
