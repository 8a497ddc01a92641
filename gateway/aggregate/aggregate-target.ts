// An Aggregate as a target: reads what it needs of the request, runs the parts, and answers once.
import { evaluateIfSet } from '../../core/cel/optional.ts';
import { TenfoldError } from '../../core/errors.ts';
import type { Call, Target } from '../exchange/target.ts';
import type { RequestVariables } from '../exchange/variables.ts';
import type { GatewayLog } from '../gateway-log.ts';
import type { PlanContext } from '../plan/plan-context.ts';
import { answerCall } from '../upstream/answer-call.ts';
import { answerByFunction } from './answer-by-function.ts';
import { type AggregatePlan, type AnswerByTemplate, compileAggregate } from './compile-aggregate.ts';
import { toFailure } from './failure.ts';
import { isLost, PartsRun } from './parts-run.ts';
import { PARTS_HEADER, toPartsField, toPartsMeta } from './provenance.ts';
import { RecentRequest, RecentRequests, toPartPlaces } from './recent-requests.ts';
import { reportRequests } from './report-requests.ts';
import { withBody } from './request-body.ts';

/** Kept back from what the caller has left, so that fallbacks still reach it in time. */
const MARGIN_MS = 50;
/** Share of the time that parts leave to the function that makes the answer of them. */
const FUNCTION_SHARE = 0.25;

export function createAggregateTarget(context: PlanContext, namespace: string, name: string): Target {
  const resource = context.resources.get('Aggregate', namespace, name);
  if (!resource)
    throw new TenfoldError('not-found', `There is no Aggregate "${name}" in the namespace "${namespace}".`);
  const plan = compileAggregate(resource, context);
  const { world, log, state, instruments } = context;
  const recent = state.keep(`requests/Aggregate/${namespace}/${name}`, () => new RecentRequests());
  instruments.aggregates.set(`${namespace}/${name}`, { report: limit => reportRequests(recent, world.now(), limit) });
  const places = toPartPlaces(plan.parts);
  return {
    label: `aggregate ${name}`,
    send(call) {
      if (!plan.request.readsBody) return run(call, call.variables);
      withBody(call, plan.request).then(
        variables => run(call, variables),
        error => call.fail(error),
      );
    },
  };

  function run(call: Call, request: RequestVariables): void {
    if (call.ended) return;
    const { remainingMs } = call;
    const margin = Math.min(MARGIN_MS, remainingMs / 10);
    const totalMs = Math.min(plan.timeoutMs, remainingMs - margin);
    const noted = new RecentRequest(world, call.trace.traceId, places);
    const over = () => {
      parts.cancel();
      noted.ended(world.monotonic(), parts, call.late === true);
      recent.add(noted);
    };
    const partsMs = plan.answer.by === 'function' ? totalMs * (1 - FUNCTION_SHARE) : totalMs;
    const parts = new PartsRun({
      world,
      parts: plan.parts,
      request,
      readsRequest: plan.request.reads,
      fields: call.headers,
      trace: call.trace,
      party: call.party,
      asksAlone: call.asksAlone,
      deadline: world.monotonic() + partsMs,
      done(ended) {
        noted.partsDoneAt = world.monotonic();
        try {
          answer({ call, plan, log, noted, over }, ended);
        } catch (error) {
          fail(call, noted, unreadable(error));
        }
      },
    });
    call.hold(over);
    parts.start();
  }
}

interface Asked {
  readonly call: Call;
  readonly plan: AggregatePlan;
  readonly log: GatewayLog;
  readonly noted: RecentRequest;
  /** Called once the call has ended. */
  readonly over: () => void;
}

function answer({ call, plan, log, noted, over }: Asked, run: PartsRun): void {
  const { parts } = plan;
  const { results } = run;
  const imperfect = results.some(result => result?.outcome !== 'ok' && result?.reason !== 'condition');
  if (imperfect) {
    log('warn', 'An aggregate answers without all of its parts.', {
      namespace: plan.namespace,
      aggregate: plan.name,
      parts: toPartsMeta(parts, results),
      trace: call.trace.traceId,
    });
  }
  const lost = parts.some(({ required }, index) => {
    const result = results[index];
    return required && (result === undefined || isLost(result));
  });
  if (lost) fail(call, noted, toFailure(parts, results));
  else if (plan.answer.by === 'function') answerByFunction({ call, noted, over }, run, plan, plan.answer);
  else answerByTemplate(call, noted, run, plan, plan.answer);
}

function fail(call: Call, noted: RecentRequest, error: unknown): void {
  noted.failed(error);
  call.fail(error);
}

function answerByTemplate(
  call: Call,
  noted: RecentRequest,
  run: PartsRun,
  { parts }: AggregatePlan,
  template: AnswerByTemplate,
): void {
  const { variables, results } = run;
  const isAbsent = (name: string) => parts.some((part, index) => part.name === name && !run.has(index));
  let text = template.body.render(variables, isAbsent);
  const fields = [PARTS_HEADER, toPartsField(parts, results)];
  for (const { name, value } of template.headers) {
    const found = evaluateIfSet(value, variables);
    if (found !== undefined) fields.push(name, String(found));
  }
  if (!template.headers.some(({ name }) => name === 'content-type')) fields.push('content-type', 'application/json');
  if (template.body.takes('meta')) {
    fields.push('vary', 'prefer');
    if (prefersMeta(call.headers)) {
      const meta = JSON.stringify({ parts: toPartsMeta(parts, results) });
      text = `${text.slice(0, -1)}${text === '{}' ? '' : ','}"meta":${meta}}`;
      fields.push('preference-applied', 'meta');
    }
  }
  noted.status = template.status;
  answerCall(call, template.status, fields, Buffer.from(text));
}

/** RFC 7240: `Prefer: meta` asks for the provenance of the parts inside the body. */
function prefersMeta(fields: readonly string[]): boolean {
  for (let index = 0; index + 1 < fields.length; index += 2) {
    if (fields[index] === 'prefer' && /(?:^|[,\s])meta(?:$|[,;\s])/i.test(fields[index + 1] ?? '')) return true;
  }
  return false;
}

/**
 * The parts' answers may be so deeply nested that the stack is too small to read or to serialize
 * them. Any other error stays as it is.
 */
function unreadable(error: unknown): unknown {
  return error instanceof RangeError || (error instanceof TenfoldError && error.cause instanceof RangeError)
    ? new TenfoldError('bad-gateway', 'A part answered with JSON that is nested too deeply.', { cause: error })
    : error;
}
