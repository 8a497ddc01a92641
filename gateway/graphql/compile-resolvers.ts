// Compiles the resolvers of a GraphQL endpoint, and says which of them the schema has no place for.
import type { GraphQLField, GraphQLSchema } from 'graphql';
import { compileValue } from '../../core/cel/value.ts';
import { suggest } from '../../core/suggest.ts';
import { scopeOf } from '../../resources/references/scopes.ts';
import type { Resource } from '../../resources/resource.ts';
import type { PlanContext } from '../plan/plan-context.ts';
import { createFieldForwarder } from '../upstream/forwarded-fields.ts';
import { compilePath } from '../upstream/path-template.ts';
import { wrongTypename } from './abstract-types.ts';
import type { Library } from './library.ts';
import type { Resolver } from './resolver.ts';

type Field = GraphQLField<unknown, unknown>;
type ResolverSpec = NonNullable<Resource<'Api'>['spec']['graphql']>['resolvers'][string];

/** By field of the schema. A resolver that does not fit is reported and left out. */
export function compileResolvers(
  library: Library,
  schema: GraphQLSchema,
  api: Resource<'Api'>,
  context: PlanContext,
): Map<Field, Resolver> {
  const resolvers = new Map<Field, Resolver>();
  for (const [name, spec] of Object.entries(api.spec.graphql?.resolvers ?? {})) {
    const path = ['spec', 'graphql', 'resolvers', name];
    const field = fieldNamed(library, schema, name);
    if (typeof field === 'string') {
      context.report('error', api, path, field);
      continue;
    }
    const resolver = compileResolver(name, spec, api, context);
    const unknown = unknownArgument(resolver, field);
    if (unknown !== undefined) context.report('error', api, path, unknown);
    const answers = spec.to.aggregate;
    const aggregate =
      answers === undefined ? undefined : context.resources.get('Aggregate', api.metadata.namespace, answers);
    const untold = wrongTypename(library, schema, field, aggregate);
    if (untold !== undefined) context.report('error', api, [...path, 'to', 'aggregate'], untold);
    resolvers.set(field, resolver);
  }
  return resolvers;
}

function compileResolver(name: string, spec: ResolverSpec, api: Resource<'Api'>, context: PlanContext): Resolver {
  const { namespace } = api.metadata;
  const scope = scopeOf('graphql');
  const internal = spec.to.url === undefined;
  return {
    name,
    target: context.target(namespace, spec.to),
    method: spec.method,
    path: compilePath(spec.path, scope),
    body: spec.body === undefined ? undefined : compileValue(spec.body, scope),
    timeoutMs: spec.timeout,
    forward: createFieldForwarder(context, namespace, { internal, identity: true }),
    internal,
  };
}

/** The field, or the fault of its name. */
function fieldNamed(library: Library, schema: GraphQLSchema, name: string): Field | string {
  const [typeName = '', fieldName = ''] = name.split('.');
  const type = schema.getType(typeName);
  if (!library.isObjectType(type)) {
    const near = suggest(
      typeName,
      Object.keys(schema.getTypeMap()).filter(each => !each.startsWith('__')),
    );
    return `The schema has no object type ${typeName}.${near === undefined ? '' : ` Did you mean ${near}?`}`;
  }
  const fields = type.getFields();
  const field = fields[fieldName];
  if (field) return field;
  const near = suggest(fieldName, Object.keys(fields));
  return `The type ${typeName} has no field ${fieldName}.${near === undefined ? '' : ` Did you mean ${near}?`}`;
}

function unknownArgument({ path, body }: Resolver, field: Field): string | undefined {
  for (const reference of [...path.references, ...(body?.references ?? [])]) {
    const [root, argument] = reference.split('.');
    if (root !== 'args' || argument === undefined || field.args.some(({ name }) => name === argument)) continue;
    const near = suggest(
      argument,
      field.args.map(({ name }) => name),
    );
    return `The field ${field.name} has no argument "${argument}".${near === undefined ? '' : ` Did you mean "${near}"?`}`;
  }
  return undefined;
}
