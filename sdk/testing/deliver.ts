// Delivers events to a function, through the same code as a real process, without a socket.
import type { BatchFunction, BatchResult } from '../batch.ts';
import { ATTEMPT_HEADER, ORIGIN_HEADER } from '../client/wire.ts';
import type { CloudEvent } from '../cloud-event.ts';
import type { EventFunction } from '../event.ts';
import { answerBatch, answerEvent } from '../kernel/answer.ts';
import { DEFINITION } from '../kernel/definition.ts';
import { type TestAnswer, toTestAnswer } from './test-answer.ts';
import { beginInvocation, createTestContext, type TestContext } from './test-context.ts';

/** An event of which a test gives only what matters; id, source, type and time are filled in. */
export type TestEvent<Data> = Partial<Omit<CloudEvent<Data>, 'data'>> & { readonly data?: Data };

export interface DeliverOptions {
  /** Which attempt this is, from 1. */
  readonly attempt?: number;
}

export interface Delivered extends TestAnswer {
  /** The event that the function answered with. */
  readonly event?: CloudEvent;
}

export interface DeliveredBatch extends TestAnswer {
  /** One for each event, also when all are done. */
  readonly results: readonly BatchResult[];
  /** The function's own error for each event that failed; undefined for the others. */
  readonly errors: readonly unknown[];
}

/** `const { status } = await deliver(brew, { type: 'OrderCreated', data: order }, app)` */
export async function deliver<Data>(
  fn: EventFunction<Data>,
  event: TestEvent<Data> = {},
  app: TestContext = createTestContext(),
  options: DeliverOptions = {},
): Promise<Delivered> {
  const { tenfoldorigin: origin } = event;
  const marked = typeof origin === 'string' ? { [ORIGIN_HEADER]: origin } : {};
  const { invocation, errors, end } = beginInvocation(app, { ...attemptHeaders(options), ...marked });
  try {
    const answer = await answerEvent(fn[DEFINITION], toEvent(event, 1), invocation);
    if ('event' in answer) return { status: 200, headers: {}, body: answer.event.data, event: answer.event };
    return await toTestAnswer(answer, errors);
  } finally {
    end();
  }
}

/** `const { results } = await deliverBatch(save, [{ data: first }, { data: second }], app)` */
export async function deliverBatch<Data>(
  fn: BatchFunction<Data>,
  events: ReadonlyArray<TestEvent<Data>>,
  app: TestContext = createTestContext(),
  options: DeliverOptions = {},
): Promise<DeliveredBatch> {
  const list = events.map((event, index) => toEvent(event, index + 1));
  const origin = list[0]?.['tenfoldorigin'];
  // A delivery does the same: events with another origin come in a call of their own.
  if (list.some(event => event['tenfoldorigin'] !== origin)) {
    throw new TypeError(
      'The events of one batch have different values of tenfoldorigin; they come in different calls.',
    );
  }
  const marked = typeof origin === 'string' ? { [ORIGIN_HEADER]: origin } : {};
  const { invocation, errors, end } = beginInvocation(app, { ...attemptHeaders(options), ...marked });
  try {
    const given = await answerBatch(fn[DEFINITION], list, invocation);
    const answer = await toTestAnswer(given, errors);
    const thrown = list.map((_, at) => given.thrown?.find(({ of }) => of === at)?.error);
    return { ...answer, results: resultsOf(answer, list), errors: thrown };
  } finally {
    end();
  }
}

function resultsOf(answer: TestAnswer, events: readonly CloudEvent[]): readonly BatchResult[] {
  const { body } = answer;
  if (answer.status === 207 && typeof body === 'object' && body !== null && 'results' in body) {
    return body.results as readonly BatchResult[];
  }
  return events.map(event => ({ id: event.id, status: answer.status }));
}

function toEvent<Data>(event: TestEvent<Data>, number: number): CloudEvent {
  return {
    specversion: '1.0',
    id: `event-${number}`,
    source: '/test',
    type: 'test',
    time: new Date().toISOString(),
    ...(event.data === undefined ? {} : { datacontenttype: 'application/json' }),
    data: undefined,
    ...event,
  };
}

function attemptHeaders(options: DeliverOptions): Record<string, string> {
  return options.attempt === undefined ? {} : { [ATTEMPT_HEADER]: String(options.attempt) };
}
