// Parses and validates queries within bounds, and remembers the small ones: clients send the
// same few again and again.
import type { DocumentNode, GraphQLError, GraphQLSchema } from 'graphql';
import type { Library } from './library.ts';
import { countAliases } from './measure.ts';

export interface DocumentRules {
  readonly maxAliases: number;
  readonly introspection: boolean;
}

/** The document, or why it is none. */
export type Checked = { readonly document: DocumentNode } | { readonly errors: readonly GraphQLError[] };

/**
 * Validation compares fields with each other: with so many tokens the worst query takes it 0.1 s.
 */
const MAX_TOKENS = 2000;
const REMEMBERED = 500;
const MAX_REMEMBERED_LENGTH = 8192;
const MAX_ERRORS = 10;

export function createDocuments(
  library: Library,
  schema: GraphQLSchema,
  rules: DocumentRules,
): (query: string) => Checked {
  const { specifiedRules, NoSchemaIntrospectionCustomRule, GraphQLError: Failure } = library;
  const validations = rules.introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];
  const remembered = new Map<string, Checked>();

  const check = (query: string): Checked => {
    let document: DocumentNode;
    try {
      document = library.parse(query, { maxTokens: MAX_TOKENS, noLocation: false });
    } catch (error) {
      return { errors: [error instanceof Failure ? error : new Failure('The query cannot be parsed.')] };
    }
    if (countAliases(document) > rules.maxAliases) {
      return { errors: [new Failure(`A query may have at most ${rules.maxAliases} aliases here.`)] };
    }
    const errors = library.validate(schema, document, validations, { maxErrors: MAX_ERRORS });
    return errors.length > 0 ? { errors } : { document };
  };

  return query => {
    const before = remembered.get(query);
    if (before) return before;
    const checked = check(query);
    if ('document' in checked && query.length <= MAX_REMEMBERED_LENGTH) {
      if (remembered.size >= REMEMBERED) remembered.delete(remembered.keys().next().value ?? '');
      remembered.set(query, checked);
    }
    return checked;
  };
}
