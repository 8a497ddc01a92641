// The GraphQL endpoint of an Api as a target: one query in, calls to the targets of
// its fields, one answer out.
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { DocumentNode, ExecutionArgs, GraphQLError, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { TenfoldError } from '../../core/errors.ts';
import { mayBeRounded, roundedNumberIn } from '../../core/units/exact-json.ts';
import type { Resource } from '../../resources/resource.ts';
import { collect } from '../exchange/read-body.ts';
import type { Call, Target } from '../exchange/target.ts';
import { toRecord } from '../exchange/variables.ts';
import type { PlanContext } from '../plan/plan-context.ts';
import { answerCall } from '../upstream/answer-call.ts';
import { checkInterfaces, createTypeResolver } from './abstract-types.ts';
import { AnswerBudget } from './answer-budget.ts';
import { withinBounds } from './bounded-result.ts';
import { compileResolvers } from './compile-resolvers.ts';
import { createDocuments } from './documents.ts';
import { exactLeaf } from './exact-leaf.ts';
import { createErrorFormatter } from './field-errors.ts';
import { type Library, loadHttpLibrary, loadLibrary } from './library.ts';
import { measure } from './measure.ts';
import { memberOf } from './member-of.ts';
import { resolveWithin } from './resolve-within.ts';
import { type QueryContext, resolveField } from './resolver.ts';
import { Turns } from './turns.ts';

type GraphqlSpec = NonNullable<Resource<'Api'>['spec']['graphql']>;

/** Largest query with its variables, bytes. */
export const MAX_QUERY_BYTES = 262_144;

/** Undefined when its schema cannot be had: that is reported, and refuses the whole candidate. */
export function createGraphqlTarget(api: Resource<'Api'>, spec: GraphqlSpec, context: PlanContext): Target | undefined {
  const library = loadLibrary();
  const schema = readSchema(library, api, spec, context);
  if (!schema) return undefined;
  checkInterfaces(library, schema, api, context);
  const resolvers = compileResolvers(library, schema, api, context);
  const typeResolver = createTypeResolver(library, schema, api, context);
  const check = createDocuments(library, schema, spec);
  const { world } = context;

  const prepare = (
    query: QueryContext,
    params: Params,
  ): Omit<ExecutionArgs, 'contextValue'> | readonly GraphQLError[] => {
    const checked = check(params.query);
    if ('errors' in checked) return checked.errors;
    const { document } = checked;
    const variableValues = params.variables ?? {};
    const operation = library.getOperationAST(document, params.operationName);
    const refusal = operation && tooMuch(library, schema, document, operation, variableValues, spec);
    if (refusal) return [refusal];
    return {
      schema,
      document,
      variableValues,
      operationName: params.operationName ?? null,
      typeResolver,
      fieldResolver(parent: unknown, args, _context, info) {
        const field = info.parentType.getFields()[info.fieldName];
        const resolver = field && resolvers.get(field);
        const exact = (value: unknown) => exactLeaf(library, info.returnType, value);
        const resolve = () =>
          resolver
            ? resolveField(world, resolver, query, args, parent).then(exact)
            : exact(memberOf(parent, info.fieldName));
        return resolveWithin(query, info, resolve);
      },
    };
  };

  const handle = loadHttpLibrary().createHandler<QueryContext>({
    onSubscribe: (request, params) => prepare(request.raw, params),
    onOperation: ({ raw }, { document, operationName }, result) =>
      withinBounds(library, raw.budget, library.getOperationAST(document, operationName), result),
    formatError: createErrorFormatter(library, spec.introspection),
  });

  return {
    label: 'graphql',
    send(call) {
      answer(call).catch(error => call.fail(error));
    },
  };

  async function answer(call: Call): Promise<void> {
    const body = await readText(call);
    refuseRounded(body, call.path);
    const budget = new AnswerBudget(library, spec);
    const query: QueryContext = { call, budget, turns: new Turns(world), calls: new Map(), left: spec.maxCost };
    const [text, { status, headers }] = await handle({
      method: call.method === 'HEAD' ? 'GET' : call.method,
      url: call.path,
      headers: toRecord(call.headers, ', '),
      body,
      raw: query,
      context: undefined,
    });
    const fields = Object.entries(headers ?? {}).flatMap(([name, value]) => (value === undefined ? [] : [name, value]));
    const reason = status >= 500 ? 'internal.unexpected' : status >= 400 ? 'request.invalid' : undefined;
    answerCall(call, status, [...fields, 'vary', 'accept'], Buffer.from(text ?? ''), reason);
  }
}

interface Params {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Record<string, unknown> | null | undefined;
}

/**
 * In a cluster there are no files: `tenfold apply` writes the text of the schema beside the Api.
 */
const SCHEMA_ANNOTATION = 'tenfold.dev/graphql-schema';

function readSchema(
  library: Library,
  api: Resource<'Api'>,
  spec: GraphqlSpec,
  context: PlanContext,
): GraphQLSchema | undefined {
  try {
    const stored = api.metadata.annotations[SCHEMA_ANNOTATION];
    const read = context.readText ?? (path => readFileSync(path, 'utf8'));
    const text = stored ?? read(resolve(dirname(api.origin.file), spec.schema));
    const schema = library.buildSchema(text, { noLocation: false });
    const [first] = library.validateSchema(schema);
    if (first) throw first;
    return schema;
  } catch (error) {
    const place = error instanceof library.GraphQLError ? error.locations?.[0] : undefined;
    const where = place ? `${spec.schema}, line ${place.line}, column ${place.column}` : spec.schema;
    const reason = error instanceof Error ? error.message : String(error);
    context.report('error', api, ['spec', 'graphql', 'schema'], `The schema cannot be used (${where}): ${reason}`);
    return undefined;
  }
}

function tooMuch(
  library: Library,
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
  { maxDepth, maxCost }: GraphqlSpec,
): GraphQLError | undefined {
  const { depth, cost } = measure(library, schema, document, operation, variables);
  if (depth > maxDepth) {
    return new library.GraphQLError(`The query is ${depth} fields deep; here it may be ${maxDepth}.`);
  }
  if (cost > maxCost) {
    return new library.GraphQLError(
      `The query may cost ${cost} fields; here it may cost ${maxCost}. Ask for shorter lists.`,
    );
  }
  return undefined;
}

/** The library reads variables as JavaScript does. A number in the query keeps its digits. */
function refuseRounded(body: string, path: string): void {
  for (const text of [body, new URLSearchParams(path.split('?')[1]).get('variables') ?? '']) {
    const rounded = mayBeRounded(text) && isJson(text) ? roundedNumberIn(text) : undefined;
    if (rounded === undefined) continue;
    const message =
      'A variable of the query is a whole number beyond ±2^53, which would lose digits. Send it as a text.';
    throw new TenfoldError('invalid-input', message);
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

async function readText({ body }: Call): Promise<string> {
  if (body === null) return '';
  return typeof body === 'string'
    ? body
    : (Buffer.isBuffer(body) ? body : await collect(body, MAX_QUERY_BYTES)).toString();
}
