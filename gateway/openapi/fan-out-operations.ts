// Describes a route that begins jobs of a FanOut: 202, and below the route the job, its results,
// its failed items and its redrive.
import type { ApiRoute } from '../plan/route-site.ts';
import type { Operation } from './operation.ts';
import { RESULT_SCHEMA } from './result-schema.ts';

const STATES = ['queued', 'splitting', 'working', 'gathering', 'succeeded', 'failed', 'expired', 'cancelled'];
const time = { type: 'string', format: 'date-time' };
const count = { type: 'integer', minimum: 0 };

export const FAN_OUT_JOB_SCHEMA = {
  type: 'object',
  description: 'A job of a fan-out as it stands.',
  required: ['id', 'fanOut', 'state', 'items', 'redriven', 'acceptedAt', 'location'],
  properties: {
    id: { type: 'string' },
    fanOut: { type: 'string' },
    state: { enum: STATES },
    items: {
      type: 'object',
      required: ['total', 'succeeded', 'failed', 'open', 'divided'],
      properties: {
        total: { ...count, description: 'Handed out so far; all of them once it is divided.' },
        succeeded: count,
        failed: count,
        open: count,
        divided: { type: 'boolean' },
      },
    },
    redriven: { ...count, description: 'How often it was taken up again after its end.' },
    acceptedAt: time,
    deadline: time,
    finishedAt: time,
    error: { type: 'object', properties: { status: { type: 'integer' }, message: { type: 'string' } } },
    result: RESULT_SCHEMA,
    object: { type: 'string', description: 'Name of the object that was uploaded, where an upload began the job.' },
    location: { type: 'string', format: 'uri-reference', description: 'Address of the job.' },
  },
} as const;

const PAGE_SCHEMA = {
  type: 'object',
  required: ['items'],
  properties: {
    items: { type: 'array', items: { type: 'object', required: ['index', 'state'], properties: { index: count } } },
    next: { ...count, description: 'As `after` it goes on; absent at the end.' },
  },
} as const;

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
});
const job = (description: string, headers?: object) => ({
  description,
  ...(headers ? { headers } : {}),
  content: { 'application/json': { schema: { $ref: '#/components/schemas/FanOutJob' } } },
});
const LOCATION = { Location: { description: 'Address of the job.', schema: { type: 'string' } } };
const NOT_THERE = { '404': problem('There is no such job.'), '410': problem('It is not remembered any more.') };
const query = (name: string, description: string) => ({
  name,
  in: 'query' as const,
  required: false,
  description,
  schema: { type: 'string' },
});

export function beginsFanOuts({ to }: ApiRoute): boolean {
  return [to].flat().every(({ fanOut }) => fanOut !== undefined);
}

/** The operation with its answers, where the route leads to nothing but fan-outs. */
export function withFanOutAnswers(operation: Operation, route: ApiRoute, method: string): Operation {
  const { '2XX': _served, ...responses } = operation.responses;
  const [, below] = /\/:(?:job|queuedJob)(?:\/([a-z]+(?:\/:item)?))?$/.exec(route.match.path) ?? [];
  const isBelow = /\/:(job|queuedJob)(\/|$)/.test(route.match.path);
  const answers = (own: object, parameters: Operation['parameters'] = []): Operation => ({
    ...operation,
    parameters: [...operation.parameters, ...parameters],
    responses: { ...own, ...responses },
  });
  if (!isBelow) return answers({ '202': job('The job is durable, and will be worked.', LOCATION) });
  if (below === 'redrive') {
    return answers({
      '202': job('The failed items are tried again.'),
      '409': problem('Nothing of it failed.'),
      ...NOT_THERE,
    });
  }
  if (below === 'results' || below === 'failed') {
    const page = { description: 'One page.', content: { 'application/json': { schema: PAGE_SCHEMA } } };
    const paging = [query('after', 'Index of the last item of the page before.'), query('limit', 'At most 1,000.')];
    return answers({ '200': page, ...NOT_THERE }, paging);
  }
  if (below !== undefined) {
    const told = { description: 'The result, with the status and content type that it has.' };
    return answers({ '2XX': told, '409': problem('There is none yet.'), ...NOT_THERE });
  }
  if (method === 'DELETE') {
    const ends = { '200': job('It has ended.'), '202': job('It will end.'), '409': problem('It had ended already.') };
    return answers({ ...ends, ...NOT_THERE });
  }
  const streams = { ...job('').content, 'text/event-stream': {} };
  const shown = { '200': { description: 'The job as it stands, or as a stream of its states.', content: streams } };
  return answers({ ...shown, ...NOT_THERE }, [
    query('wait', 'How long to wait for its end: seconds, or such as 500ms.'),
  ]);
}
