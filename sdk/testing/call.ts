// Runs an HTTP function for one request, through the same code as a real process, without a socket.
import { answerHttp } from '../kernel/answer.ts';
import { toDefinition } from '../kernel/definition.ts';
import { type TestRequest, toMemoryRequest } from './memory-request.ts';
import { type TestAnswer, toTestAnswer } from './test-answer.ts';
import { beginInvocation, createTestContext, type TestContext } from './test-context.ts';

/**
 * `const { status, body } = await call(orders, { method: 'POST', path:
 * '/orders', body: order }, app)`
 */
export async function call<Body = unknown>(
  fn: unknown,
  request: TestRequest = {},
  app: TestContext = createTestContext(),
): Promise<TestAnswer<Body>> {
  const definition = toDefinition(fn);
  if (definition === undefined)
    throw new TypeError('call() needs what the module exports as default: http(…) or a function.');
  if (definition.kind !== 'http')
    throw new TypeError(`call() runs HTTP functions; for ${definition.kind}() use deliver() or deliverBatch().`);
  const memory = toMemoryRequest(request);
  const { invocation, errors, end } = beginInvocation(app, memory.head.headers);
  try {
    const answer = await answerHttp(definition, memory.request, invocation);
    // The test names the type of the body; this is the one place that believes it.
    return (await toTestAnswer(answer, errors)) as TestAnswer<Body>;
  } finally {
    end();
  }
}
