// Problem documents (RFC 9457) as OpenAPI components: the answers that the gateway itself may give.

export const PROBLEM_SCHEMA = {
  type: 'object',
  description: 'A problem document (RFC 9457).',
  required: ['type', 'title', 'status'],
  properties: {
    type: { type: 'string', format: 'uri-reference', description: 'Identifies the kind of problem.' },
    title: { type: 'string', description: 'The kind of problem in words, the same every time.' },
    status: { type: 'integer', description: 'The HTTP status.' },
    detail: { type: 'string', description: 'What happened this time.' },
    trace: { type: 'string', description: 'Identifies the request in logs.' },
  },
} as const;

export const RETRY_AFTER = {
  'Retry-After': { description: 'Seconds after which to try again.', schema: { type: 'integer', minimum: 0 } },
};

export function problem(description: string, headers?: object): object {
  return {
    description,
    ...(headers === undefined ? {} : { headers }),
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
}

export const PROBLEM_RESPONSES = {
  InvalidInput: problem('The request is malformed, or its body does not match the schema.'),
  Unauthenticated: problem('Credentials are missing or wrong.', {
    'WWW-Authenticate': { description: 'How to show credentials.', schema: { type: 'string' } },
  }),
  Forbidden: problem('The caller may not do this.'),
  BodyTooLarge: problem('The body is larger than allowed.'),
  UnsupportedMediaType: problem('The media type of the body is not supported.'),
  TooManyRequests: problem('More requests than the limit allows.', RETRY_AFTER),
  Unavailable: problem('The request could not be served; trying again later may help.', RETRY_AFTER),
} as const;

export function problemReference(name: keyof typeof PROBLEM_RESPONSES): object {
  return { $ref: `#/components/responses/${name}` };
}
