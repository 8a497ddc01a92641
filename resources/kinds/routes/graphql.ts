// The GraphQL endpoint of an Api: fields resolved by the same targets that its routes lead to.
import * as z from 'zod';
import { pathTemplate } from '../fields/expression.ts';
import { templateValue } from '../fields/json.ts';
import { withMarks } from '../fields/marks.ts';
import { recordOf } from '../fields/record.ts';
import { exactlyOneOf } from '../fields/rules.ts';
import { targetFields, targetKeys } from '../fields/target.ts';
import { duration, size } from '../fields/units.ts';
import { method, plainPath } from './http.ts';

const FIELD_WRONG = 'A resolver is named after a type and a field, such as Query.order.';
const SCHEMA_WRONG = 'This must be a relative path to a .graphql file, such as ./shop.graphql.';

function resolver() {
  return z.strictObject({
    to: exactlyOneOf(z.strictObject(targetFields), targetKeys).describe('The target that answers the field.'),
    method: method().prefault('GET').describe('Method of the call.'),
    path: pathTemplate('graphql').prefault('/').describe('Path of the call, such as "/orders/${args.id}".'),
    body: templateValue('graphql').optional().describe('Body of the call, with expressions such as "${args.input}".'),
    timeout: duration({ min: '1ms', max: '29s' }).optional().describe('Time limit of the call.'),
  });
}

export function graphql() {
  return z.strictObject({
    schema: withMarks(
      z
        .string(SCHEMA_WRONG)
        .max(512, SCHEMA_WRONG)
        .regex(/^(\.{1,2}\/)*[^/\\\s][^\\\s]*\.(graphql|gql)$/, SCHEMA_WRONG),
      { typeName: 'path of a file' },
    ).describe('File with the schema, relative to the file that declares it.'),
    path: plainPath().prefault('/graphql').describe('Path of the endpoint, below the base path.'),
    resolvers: recordOf(
      z
        .string()
        .max(256)
        .regex(/^[A-Za-z_][A-Za-z0-9_]*\.[A-Za-z_][A-Za-z0-9_]*$/, FIELD_WRONG),
      resolver(),
      256,
    ).describe(
      'Fields by type and name, such as Query.order, with the target that answers. Fields without a resolver are taken from their parent.',
    ),
    maxDepth: z.int().min(1).max(64).prefault(10).describe('Deepest nesting of a query.'),
    maxAliases: z.int().min(0).max(1000).prefault(30).describe('Most aliases in a query.'),
    maxCost: z
      .int()
      .min(1)
      .max(1_000_000)
      .prefault(1000)
      .describe('Most fields that a query may resolve, lists counted by their size argument.'),
    maxFields: z
      .int()
      .min(1)
      .max(1_000_000)
      .prefault(50_000)
      .describe(
        'Most fields of an answer, counted as they are resolved: a query whose lists turn out longer is refused with an error.',
      ),
    maxBytes: size()
      .prefault('8Mi')
      .describe('Largest answer. A query whose answer would be larger is refused with an error.'),
    introspection: z.boolean().prefault(false).describe('Whether clients may ask for the schema.'),
  });
}
