// Warns of calls that a Function cannot answer: its code has no route for their path or method.
import { dirname, sep } from 'node:path';
import { sortProblems } from '../../../resources/load/sort-problems.ts';
import { problemAt } from '../../../resources/references/check.ts';
import type { Resource, ResourceProblem } from '../../../resources/resource.ts';
import type { ResourceSet } from '../../../resources/resource-set.ts';
import { type RoutesOfFunctions, readRoutesOfFunctions } from '../../../server/functions/routes-of-functions.ts';
import { callsOfFunctions, type FunctionCall } from './calls-of-functions.ts';
import { mayMeet } from './meeting-paths.ts';

/** Routes that one warning names. */
const MAX_NAMED = 10;

/** `folders`: absolute, of applications. */
export async function routeProblems(resources: ResourceSet, folders: readonly string[]): Promise<ResourceProblem[]> {
  const calls = callsOfFunctions(resources);
  const wanted = new Set(calls.map(keyOf));
  const directoryOf = (file: string) =>
    folders.find(folder => file.startsWith(folder.endsWith(sep) ? folder : folder + sep)) ?? dirname(file);
  const asked = { directoryOf, wanted, alone: false };
  const suspected = mismatches(calls, resources, await readRoutesOfFunctions(resources, asked));
  if (suspected.length === 0) return [];
  // No warning is due to another Function that was loaded before.
  const again = new Set(suspected.map(({ call }) => keyOf(call)));
  const sure = { directoryOf, wanted: again, alone: true };
  const found = mismatches(calls, resources, await readRoutesOfFunctions(resources, sure));
  return sortProblems(found.map(({ problem }) => problem));
}

interface Mismatch {
  readonly call: FunctionCall;
  readonly problem: ResourceProblem;
}

function mismatches(calls: readonly FunctionCall[], resources: ResourceSet, known: RoutesOfFunctions): Mismatch[] {
  return calls.flatMap(call => {
    const routes = known.get(keyOf(call));
    const target = resources.get('Function', call.resource.metadata.namespace, call.functionName);
    if (routes === undefined || target === undefined) return [];
    const status = answerOf(call, routes);
    if (status === undefined) return [];
    const message = messageOf(call, status, routes, target);
    return [{ call, problem: problemAt(call.resource, call.place, { severity: 'warning', message }) }];
  });
}

/** The status with which each call is answered; undefined where one may reach a route. */
function answerOf({ methods, sent, ignoresCase }: FunctionCall, routes: readonly string[]): 404 | 405 | undefined {
  const ways = routes.map(route => route.split(' ', 2));
  const there = ways.filter(([, path = '']) => sent.some(one => mayMeet(one, path, ignoresCase)));
  if (there.length === 0) return 404;
  const isAnswered = there.some(
    ([method = '']) =>
      method === '*' ||
      methods.length === 0 ||
      methods.some(one => one === method || one === 'OPTIONS' || (one === 'HEAD' && method === 'GET')),
  );
  return isAnswered ? undefined : 405;
}

function messageOf(
  { methods, path, functionName, takenOff }: FunctionCall,
  status: number,
  routes: readonly string[],
  { spec }: Resource<'Function'>,
): string {
  const rest = routes.length > MAX_NAMED ? ` and ${routes.length - MAX_NAMED} more` : '';
  const called = `${methods.length === 0 ? 'any method' : methods.join(', ')} ${path}`;
  const base = takenOff === '' ? '' : ` The base path ${takenOff} is taken off before the call.`;
  const named =
    routes.length === 0 ? 'it has no route' : `its routes are ${routes.slice(0, MAX_NAMED).join(', ')}${rest}`;
  return `The Function ${functionName} gets ${called}, and answers ${status}: in ${spec.source} ${named}.${base}`;
}

function keyOf({ resource, functionName }: FunctionCall): string {
  return `${resource.metadata.namespace}/${functionName}`;
}
