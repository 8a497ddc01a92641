// Fields that are interfaces or unions: which object type an answer is of, and for which
// fields no answer can ever tell.
import type { GraphQLAbstractType, GraphQLField, GraphQLSchema, GraphQLTypeResolver } from 'graphql';
import { suggest } from '../../core/suggest.ts';
import type { Resource } from '../../resources/resource.ts';
import type { PlanContext } from '../plan/plan-context.ts';
import type { Library } from './library.ts';
import { memberOf } from './member-of.ts';

type Field = GraphQLField<unknown, unknown>;

/** By `__typename` in the answer; where there is one type only, an answer need not say it. */
export function createTypeResolver(
  { GraphQLError: Failure }: Library,
  schema: GraphQLSchema,
  { metadata }: Resource<'Api'>,
  { log }: Pick<PlanContext, 'log'>,
): GraphQLTypeResolver<unknown, unknown> {
  const logged = new Set<string>();
  return (value, _context, { parentType, fieldName }, abstract) => {
    const names = typesOf(schema, abstract);
    const answered = memberOf(value, '__typename');
    const [only, another] = names;
    if (answered === undefined && another === undefined) return only;
    if (typeof answered === 'string' && names.includes(answered)) return answered;
    const field = `${parentType.name}.${fieldName}`;
    // Once: a long list may have thousands of them.
    if (!logged.has(field)) {
      logged.add(field);
      const message = `The answer for a GraphQL field does not say in "__typename" which type of ${abstract.name} it is: ${names.join(', ')}.`;
      log('warn', message, { namespace: metadata.namespace, api: metadata.name, field, typename: answered ?? null });
    }
    // Clients know the field; what the types are called they may be meant not to know.
    const message = `The answer for "${fieldName}" does not say which type it is.`;
    throw new Failure(message, { extensions: { code: 'bad-gateway' } });
  };
}

/** Reports fields of interfaces that no type implements: they could be null, and nothing else. */
export function checkInterfaces(
  library: Library,
  schema: GraphQLSchema,
  api: Resource<'Api'>,
  context: Pick<PlanContext, 'report'>,
): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!library.isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const named = library.getNamedType(field.type);
      if (!library.isAbstractType(named) || typesOf(schema, named).length > 0) continue;
      const message = `The field ${type.name}.${field.name} can never be answered: no object type implements the interface ${named.name}. Let one implement it, or remove the field.`;
      context.report('error', api, ['spec', 'graphql', 'schema'], message);
    }
  }
}

/**
 * The fault of an Aggregate that answers such a field with an object of which it writes each
 * member.
 */
export function wrongTypename(
  library: Library,
  schema: GraphQLSchema,
  field: Field,
  aggregate: Resource<'Aggregate'> | undefined,
): string | undefined {
  const named = library.getNamedType(field.type);
  if (!aggregate || !library.isAbstractType(named) || aggregate.spec.response.function !== undefined) return undefined;
  const names = typesOf(schema, named);
  const which = `which type of ${named.name} it is: ${names.join(', ')}`;
  for (const value of [aggregate.spec.response.body].flat()) {
    if (typeof value !== 'object' || value === null) continue;
    const written = memberOf(value, '__typename');
    if (written === undefined && names.length > 1) {
      return `The Aggregate "${aggregate.metadata.name}" does not say ${which}. Give "__typename" in its response.body.`;
    }
    if (typeof written !== 'string' || written.includes('${') || names.includes(written)) continue;
    const near = suggest(written, names);
    const hint = near === undefined ? '' : ` Did you mean "${near}"?`;
    return `The Aggregate "${aggregate.metadata.name}" answers with the type "${written}" and has to say ${which}.${hint}`;
  }
  return undefined;
}

function typesOf(schema: GraphQLSchema, type: GraphQLAbstractType): string[] {
  return schema.getPossibleTypes(type).map(({ name }) => name);
}
