// How `tenfold routes explain` prints why a request takes its route: the routes that stand there,
// in order, each with its conditions.
import type { ExplainedRoute, RouteExplanation } from '../../admin/explain-view.ts';
import { counted } from '../../core/units/counted.ts';
import { renderData } from '../output/render.ts';
import { oneLine } from '../output/table.ts';
import type { Style } from '../style.ts';
import { methodsOf, originOf } from './list.ts';

const BEHIND: Readonly<Record<NonNullable<ExplainedRoute['behind']>, string>> = {
  host: 'its host is less specific',
  path: 'its path is less specific',
  conditions: 'it has fewer conditions',
  order: 'both are equally specific',
};

export function showExplanation(explanation: RouteExplanation, format: 'table' | 'json' | 'yaml', out: Style): string {
  if (format !== 'table') return renderData(explanation, format);
  const { request, candidates, refusal, hidden } = explanation;
  const taken = candidates.findIndex(({ verdict }) => verdict === 'takes');
  const heading = `${out.bold(oneLine(`${request.method} ${request.path}${request.query}`))} at ${oneLine(request.host)}`;
  const blocks = candidates.map((route, index) => describeCandidate(route, index, taken, out));
  if (refusal) {
    blocks.push(`${out.red('No route takes it:')} ${refusal.status} ${refusal.code}. ${oneLine(refusal.message)}`);
  }
  if (hidden) {
    const took = hidden.take ? ', and one of them takes the request' : '';
    blocks.push(`Left out: ${counted(hidden.routes, 'route')} of namespaces that you may not view${took}.`);
  }
  return [heading, ...blocks].join('\n\n');
}

function describeCandidate(route: ExplainedRoute, index: number, taken: number, out: Style): string {
  const where = `${route.host === undefined ? '' : `${route.host} `}${methodsOf(route)} ${route.path}`;
  const number = `${index + 1}. `;
  const indent = ' '.repeat(number.length);
  const checks = route.checks.map(
    ({ says, holds }) => `${indent}${holds ? out.green('yes') : out.red('no ')}  ${oneLine(says)}`,
  );
  const after = route.behind === undefined ? '' : ` It comes after ${index}, as ${BEHIND[route.behind]}.`;
  return [
    `${number}${oneLine(`${where} → ${route.target}`)} ${out.dim(`(${oneLine(originOf(route))})`)}`,
    ...checks,
    `${indent}${verdictOf(route, taken, out)}${after}`,
  ].join('\n');
}

function verdictOf({ verdict, params }: ExplainedRoute, taken: number, out: Style): string {
  if (verdict === 'passed-over') return 'Passed over.';
  if (verdict === 'not-reached')
    return out.dim(`Not reached: ${taken < 0 ? 'another route' : taken + 1} takes the request.`);
  const values = Object.entries(params).map(([name, value]) => `${name} = ${JSON.stringify(value ?? '')}`);
  return `${out.green('Takes the request')}${values.length === 0 ? '' : oneLine(`, with ${values.join(', ')}`)}.`;
}
