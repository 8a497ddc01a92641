// Functions of lists that are given what is never a list, by the schema of the Topic or the Queue:
// a warning, as the expression fails for each event.
import { listArguments } from '../../core/cel/list-arguments.ts';
import { certainTypes } from '../../core/json-schema/certain-types.ts';
import type { AnyResource, Path, Resource, ResourceProblem } from '../resource.ts';
import type { ResourceSet } from '../resource-set.ts';
import { type Check, problemAt } from './check.ts';
import type { Declared } from './declared.ts';
import { scopeOf } from './scopes.ts';

export const listsAreLists: Check = ({ resources, marked }) =>
  marked.flatMap(({ resource, path, value, marks }) => {
    if (marks.expression?.scope !== 'event' || typeof value !== 'string') return [];
    const schema = schemaOf(resource, path, resources);
    return schema === undefined ? [] : wrongLists(resource, path, value, schema);
  });

function wrongLists(resource: Declared, path: Path, text: string, schema: unknown): ResourceProblem[] {
  return listArguments(text, scopeOf('event')).flatMap(({ of, path: [variable, attribute, ...members], offset }) => {
    if (variable !== 'event' || attribute !== 'data') return [];
    const types = certainTypes(schema, members);
    if (types === undefined || types.size === 0 || types.has('array')) return [];
    const field = ['event', 'data', ...members].join('.');
    const message = `${of}() needs a list, and ${field} is never one: its schema says ${[...types].join(' or ')}. Give a list, such as [${field}], or remove the call.`;
    return [problemAt(resource, path, { severity: 'warning', offset, message })];
  });
}

/** The schema of the events that an expression there sees; undefined where nobody knows it. */
function schemaOf(resource: Declared, path: Path, resources: ResourceSet): unknown {
  if (!('spec' in resource)) return undefined;
  if (resource.kind === 'Topic' || resource.kind === 'Queue') return resource.spec.schema;
  const topic = topicOf(resource, path);
  return topic && resources.get('Topic', resource.metadata.namespace, topic)?.spec.schema;
}

/** An event of several Topics may be of any of them. */
function topicOf(resource: AnyResource, path: Path): string | undefined {
  switch (resource.kind) {
    case 'Subscription':
      return resource.spec.topic;
    case 'View':
      return resource.spec.from.length === 1 ? resource.spec.from[0] : undefined;
    case 'Pipeline':
      return isOfTopic(resource.spec.steps, path) ? resource.spec.from.topic : undefined;
    default:
      return undefined;
  }
}

/** Whether the place in a Pipeline comes before each step that makes other events. */
function isOfTopic(steps: Resource<'Pipeline'>['spec']['steps'], [, member, index]: Path): boolean {
  const before = member === 'time' ? [] : member === 'steps' ? steps.slice(0, Number(index)) : steps;
  const isWithin = member === 'steps' && steps[Number(index)]?.branch !== undefined;
  return !isWithin && before.every(({ filter, dedupe, branch }) => filter ?? dedupe ?? branch);
}
