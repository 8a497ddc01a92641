// Errors of a query as clients get them: their own mistakes in full, failures behind the endpoint
// by kind alone.
import type { GraphQLError } from 'graphql';
import { errorCodes, TenfoldError } from '../../core/errors.ts';
import type { Library } from './library.ts';

/** Codes whose messages are made for the client, and name nothing behind the endpoint. */
const SHOWN = new Set(['invalid-input', 'too-many-requests']);

export function createErrorFormatter(library: Library, introspection: boolean) {
  return (error: Readonly<GraphQLError | Error>): GraphQLError | Error => {
    if (!(error instanceof library.GraphQLError)) return new library.GraphQLError(error.message);
    const { originalError, nodes, path } = error;
    if (originalError === undefined) return introspection ? error : withoutSuggestions(library, error);
    if (originalError instanceof library.GraphQLError) return error;
    const code = originalError instanceof TenfoldError ? originalError.code : 'internal';
    const message = SHOWN.has(code) ? originalError.message : errorCodes[code].title;
    return new library.GraphQLError(message, { nodes: nodes ?? null, path: path ?? null, extensions: { code } });
  };
}

/**
 * A mistyped name is answered with the nearest ones: a schema that may not be asked for
 * could be guessed from them.
 */
function withoutSuggestions(library: Library, error: GraphQLError): GraphQLError {
  const { nodes, source, positions, path } = error;
  return new library.GraphQLError(error.message.replace(/ Did you mean .*$/s, ''), {
    nodes: nodes ?? null,
    source: source ?? null,
    positions: positions ?? null,
    path: path ?? null,
  });
}
