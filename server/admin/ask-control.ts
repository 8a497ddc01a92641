// Asks for a person what a client could ask: the targets are those of the plan in force, with their
// limits and breakers.
import {
  type AskControl,
  askLimits,
  type FunctionAnswer,
  type FunctionRequest,
  type ViewRequest,
  type ViewRows,
} from '../../admin/asking/ask-view.ts';
import { TenfoldError } from '../../core/errors.ts';
import { childContext } from '../../core/trace-context.ts';
import { AS_OF_HEADER, BEHIND_HEADER, DEPTH_HEADER, HEADER_PREFIX } from '../../core/wire.ts';
import type { World } from '../../core/world.ts';
import type { CauseKeys } from '../../gateway/listeners/caller-keys.ts';
import { type Answer, AnswerTooLarge, callTarget, fieldOfAnswer } from '../../gateway/upstream/buffered-call.ts';
import type { Resource } from '../../resources/resource.ts';
import { createCaller } from '../events/callers.ts';
import { type KeptLines, noLines } from '../functions/kept-lines.ts';
import type { PlanInForce } from '../plan-in-force.ts';
import { pairsOf, toBody } from './answer-parts.ts';

export interface AskOptions {
  readonly world: World;
  readonly inForce: Pick<PlanInForce, 'eventTarget' | 'functionTarget' | 'resources'>;
  readonly keys: CauseKeys;
  readonly lines: Pick<KeptLines, 'read'>;
}

/** Longer than the longest query of a View. */
const VIEW_MS = 30_000;

/** All but requests to Apis, which go through a listener. */
export function createAskControl(options: AskOptions): Omit<AskControl, 'request'> {
  return {
    view: (request, signal) => askView(options, request, signal),
    invoke: (request, signal) => invoke(options, request, signal),
    lines(query) {
      const { url } = findFunction(options, query).spec;
      // Nobody here hears a Function that runs at an address of its own.
      return (url === undefined ? options.lines : noLines).read(query);
    },
  };
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

async function invoke(options: AskOptions, request: FunctionRequest, signal: AbortSignal): Promise<FunctionAnswer> {
  const { world, inForce, keys } = options;
  const { namespace, name, method, path, headers, body, timeoutMs = askLimits.callMs } = request;
  findFunction(options, request);
  const caller = createCaller(world, {
    causeKey: () => keys.causeKeyFor(namespace),
    label: `function ${name}`,
    target: () => inForce.functionTarget(namespace, name),
    timeoutMs: () => inForce.resources?.get('Function', namespace, name)?.spec.timeout,
  });
  const bytes = body && ('text' in body ? Buffer.from(body.text) : Buffer.from(body.base64, 'base64'));
  const trace = childContext(undefined);
  const began = world.monotonic();
  const answer = await caller.call(
    {
      method,
      path,
      headers: [
        ...headers.flatMap(([field, value]) => [field.toLowerCase(), value]),
        ...(bytes === undefined ? [] : ['content-length', String(bytes.length)]),
        DEPTH_HEADER,
        '1',
      ],
      body: bytes ?? null,
      trace,
      timeoutMs,
      maxAnswerBytes: askLimits.answerBytes,
      priority: 0,
    },
    signal,
  );
  const [first] = answer.causes ?? [];
  return {
    status: answer.status,
    headers: pairsOf(answer.headers).filter(([field]) => !field.toLowerCase().startsWith(HEADER_PREFIX)),
    body: toBody(answer.body),
    bytes: answer.body.length,
    ms: Math.round(world.monotonic() - began),
    trace: trace.traceId,
    ...(first === undefined ? {} : { cause: first.cause }),
  };
}

function findFunction({ inForce }: AskOptions, { namespace, name }: Named): Resource<'Function'> {
  const found = inForce.resources?.get('Function', namespace, name);
  if (found) return found;
  throw new TenfoldError('unknown-function', `There is no function "${name}" in namespace "${namespace}".`);
}

interface Named {
  readonly namespace: string;
  readonly name: string;
}
