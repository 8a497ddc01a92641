// The result of a job, of a Queue or a FanOut, as clients see it in the job.

export const RESULT_SCHEMA = {
  type: 'object',
  properties: {
    status: { type: 'integer' },
    contentType: { type: 'string' },
    size: { type: 'integer', description: 'Bytes.' },
    body: { description: 'The result itself, where it is JSON and small.' },
    location: { type: 'string', format: 'uri-reference' },
  },
} as const;
