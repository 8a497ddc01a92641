// Asks for a person what a client could ask: the targets are those of the plan in force, with their
// limits and breakers.
import { type AskControl, askLimits, type ViewRequest, type ViewRows } from '../../admin/asking/ask-view.ts';
import { TenfoldError } from '../../core/errors.ts';
import { childContext } from '../../core/trace-context.ts';
import { AS_OF_HEADER, BEHIND_HEADER } from '../../core/wire.ts';
import type { World } from '../../core/world.ts';
import { type Answer, AnswerTooLarge, callTarget, fieldOfAnswer } from '../../gateway/upstream/buffered-call.ts';
import type { PlanInForce } from '../plan-in-force.ts';

export interface AskOptions {
  readonly world: World;
  readonly inForce: Pick<PlanInForce, 'eventTarget'>;
}

/** Longer than the longest query of a View. */
const VIEW_MS = 30_000;

export function createAskControl(options: AskOptions): AskControl {
  return { view: (request, signal) => askView(options, request, signal) };
}

async function askView({ world, inForce }: AskOptions, request: ViewRequest, signal: AbortSignal): Promise<ViewRows> {
  const { namespace, name, query } = request;
  const target = inForce.eventTarget(namespace, 'views', name, false);
  if (!target) throw new TenfoldError('not-found', `There is no View "${name}" in namespace "${namespace}".`);
  const search = new URLSearchParams(query.map(([key, value]): [string, string] => [key, value])).toString();
  let answer: Answer;
  try {
    answer = await callTarget(world, target, {
      method: 'GET',
      path: search === '' ? '/' : `/?${search}`,
      headers: [],
      body: null,
      trace: childContext(undefined),
      timeoutMs: VIEW_MS,
      maxBody: askLimits.rowBytes,
      signal,
    });
  } catch (error) {
    if (!(error instanceof AnswerTooLarge)) throw error;
    const message = `The rows have more than ${askLimits.rowBytes} bytes. Ask for fewer with "limit", and for the next ones by "after".`;
    throw new TenfoldError('query-too-large', message, { cause: error });
  }
  const behind = fieldOfAnswer(answer, BEHIND_HEADER);
  return {
    answer: JSON.parse(answer.body.toString('utf8')),
    asOf: fieldOfAnswer(answer, AS_OF_HEADER),
    behind: behind === undefined ? undefined : Number(behind),
  };
}
