// Describes a route that leads to Views: one answer in JSON, or a stream of the rows and what
// changes in them.
import { AS_OF_HEADER, BEHIND_HEADER } from '../../core/wire.ts';
import type { ApiRoute } from '../plan/route-site.ts';
import type { Operation, Parameter } from './operation.ts';
import { problem, RETRY_AFTER } from './problems.ts';

/** OpenAPI 3.1 has no words for the events of a stream, so people read about them here. */
const STREAM_SCHEMA = {
  type: 'string',
  description: [
    'Server-sent events, whose data is JSON.',
    '`rows`: its `items` replace everything that the client has; a `reason` says why it gets them again.',
    '`change`: the client takes out the items in `removed` and those in `items`, and then puts each of `items` at its place `at`, in their order.',
    '`resumed`: the client has the newest rows, and nothing was missed.',
    '`ended`: the connection ends, and `reason` says why; the client connects again with its last `id`.',
    '`more`: others match, too. `id`: stands for all rows after the event.',
  ].join('\n'),
} as const;

const EXAMPLE = [
  'event: rows',
  'id: 4pTrWXnIpBqvMEiyV3yPPQ',
  'data: {"items":[{"key":"17","value":{"state":"new"}}],"more":false}',
  '',
  'event: change',
  'id: N2b1ZpG1dC0mbkWdJ3nUqA',
  'data: {"removed":[],"items":[{"at":0,"key":"17","value":{"state":"paid"}}],"more":false}',
  '',
  '',
].join('\n');

const PARAMETERS: readonly Parameter[] = [
  {
    name: 'live',
    in: 'query',
    required: false,
    description: 'Asks for the stream, as `accept: text/event-stream` does. It may also have no value.',
    schema: { type: 'string', enum: ['true'] },
  },
  {
    name: 'Last-Event-ID',
    in: 'header',
    required: false,
    description: 'The last `id` that the client got. The stream goes on from there, or gives all rows anew.',
    schema: { type: 'string' },
  },
];

const ANSWER_HEADERS = {
  [AS_OF_HEADER]: {
    description: 'The View has all events until then.',
    schema: { type: 'string', format: 'date-time' },
  },
  [BEHIND_HEADER]: {
    description: 'How many records are on their way into the View.',
    schema: { type: 'integer', minimum: 0 },
  },
};

export function asksViews({ to }: ApiRoute): boolean {
  return [to].flat().every(({ view }) => view !== undefined);
}

/** The operation with its answers, where the route leads to nothing but Views. */
export function withViewAnswers(operation: Operation, _route: ApiRoute, method: string): Operation {
  if (method !== 'GET') return operation;
  const { '2XX': _served, ...responses } = operation.responses;
  return {
    ...operation,
    parameters: [...operation.parameters, ...PARAMETERS],
    responses: {
      '200': {
        description: 'What the View has, or a stream of it and of each change.',
        headers: ANSWER_HEADERS,
        content: {
          'application/json': {},
          'text/event-stream': { schema: STREAM_SCHEMA, example: EXAMPLE },
        },
      },
      '404': problem('The View does not have what is asked for.'),
      '406': problem('The View has no followers, so there is no stream.'),
      '503': problem('The View cannot be read yet, or has as many followers as it may have.', RETRY_AFTER),
      ...responses,
    },
  };
}
