// Describes a route that takes jobs or events: answers that come before the work is done, and the
// jobs below the route.
import type { ApiRoute } from '../plan/route-site.ts';
import type { Operation } from './operation.ts';
import { RESULT_SCHEMA } from './result-schema.ts';

const STATES = ['queued', 'running', 'waiting', 'succeeded', 'failed', 'expired', 'cancelled'];
const time = { type: 'string', format: 'date-time' };

export const JOB_SCHEMA = {
  type: 'object',
  description: 'A job as it stands.',
  required: ['id', 'queue', 'state', 'attempts', 'acceptedAt', 'location'],
  properties: {
    id: { type: 'string' },
    queue: { type: 'string' },
    state: { enum: STATES },
    attempts: { type: 'integer', minimum: 0 },
    acceptedAt: time,
    startedAt: time,
    finishedAt: time,
    nextAttemptAt: time,
    error: {
      type: 'object',
      description: 'Why the last attempt failed.',
      properties: { status: { type: 'integer' }, message: { type: 'string' } },
    },
    result: RESULT_SCHEMA,
    location: { type: 'string', format: 'uri-reference', description: 'Address of the job.' },
  },
} as const;

const LOCATION = { Location: { description: 'Address of the job.', schema: { type: 'string' } } };
const schema = { $ref: '#/components/schemas/Job' };
const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
});
const header = (name: string, description: string) => ({
  name,
  in: 'header' as const,
  required: false,
  description,
  schema: { type: 'string' },
});

/** The operation with its answers, where the route leads to nothing but queues, or topics. */
export function withJobAnswers(operation: Operation, route: ApiRoute, method: string): Operation {
  const targets = [route.to].flat();
  const { '2XX': _served, ...responses } = operation.responses;
  if (targets.every(({ topic }) => topic !== undefined) && method === 'POST') {
    return { ...operation, responses: { '204': { description: 'The event is durable.' }, ...responses } };
  }
  if (targets.some(({ queue }) => queue === undefined)) return operation;
  const json = (description: string, headers?: object) => ({
    description,
    ...(headers ? { headers } : {}),
    content: { 'application/json': { schema } },
  });
  if (/:(job|queuedJob)\/result$/.test(route.match.path) && method === 'GET') {
    const told = { description: 'The result, with the status and content type that it has.' };
    return {
      ...operation,
      responses: { '2XX': told, '409': problem('There is none yet.'), ...notThere, ...responses },
    };
  }
  if (/:(job|queuedJob)$/.test(route.match.path) && method !== 'POST') {
    if (method === 'DELETE') {
      const ends = {
        '200': json('It has ended.'),
        '202': json('It will end.'),
        '409': problem('It had ended already.'),
      };
      return { ...operation, responses: { ...ends, ...notThere, ...responses } };
    }
    const wait = {
      name: 'wait',
      in: 'query' as const,
      required: false,
      description: 'How long to wait for its end: seconds, or a time such as 500ms.',
      schema: { type: 'string' },
    };
    const streams = { ...json('The job as it stands.').content, 'text/event-stream': {} };
    const shown = { '200': { description: 'The job as it stands, or as a stream of its states.', content: streams } };
    return {
      ...operation,
      parameters: [...operation.parameters, wait],
      responses: { ...shown, ...notThere, ...responses },
    };
  }
  if (method !== 'POST') return operation;
  return {
    ...operation,
    parameters: [
      ...operation.parameters,
      header('Idempotency-Key', 'A quoted string: the same request under the same key is the same job.'),
      header('Prefer', '`wait=10` answers with the result when it is there within so many seconds.'),
    ],
    responses: {
      '202': json('The job is durable, and will be worked.', LOCATION),
      '409': problem('The same request is being worked on.'),
      '422': problem('The Idempotency-Key was used for another request.'),
      ...responses,
    },
  };
}

const notThere = { '404': problem('There is no such job.'), '410': problem('It is not remembered any more.') };
