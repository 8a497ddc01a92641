// The GraphQL endpoint of an Api in its OpenAPI document: the two ways to send a query over HTTP.
import type { Resource } from '../../resources/resource.ts';
import { problemReference } from './problems.ts';

const RESULT = {
  description: 'The result of the query, and what went wrong in it.',
  content: {
    'application/graphql-response+json': {
      schema: { type: 'object', properties: { data: {}, errors: { type: 'array', items: { type: 'object' } } } },
    },
  },
};

export function graphqlOperations({ spec }: Resource<'Api'>): Record<string, object> {
  const responses = {
    '200': RESULT,
    '400': RESULT,
    ...(spec.auth ? { '401': problemReference('Unauthenticated') } : {}),
    ...(spec.rateLimit ? { '429': problemReference('TooManyRequests') } : {}),
    '5XX': problemReference('Unavailable'),
  };
  const text = { type: 'string' };
  const parameter = (name: string, required: boolean) => ({ name, in: 'query', required, schema: text });
  return {
    get: {
      operationId: 'graphqlGet',
      summary: 'Sends a GraphQL query.',
      parameters: [parameter('query', true), parameter('operationName', false), parameter('variables', false)],
      responses,
    },
    post: {
      operationId: 'graphqlPost',
      summary: 'Sends a GraphQL query or mutation.',
      parameters: [],
      requestBody: {
        required: true,
        content: {
          'application/json': {
            schema: {
              type: 'object',
              required: ['query'],
              properties: { query: text, operationName: text, variables: { type: 'object' } },
            },
          },
        },
      },
      responses,
    },
  };
}
