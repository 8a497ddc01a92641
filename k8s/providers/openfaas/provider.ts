// Runs Functions by OpenFaaS, of any edition, through the REST API of its gateway: reads the state,
// decides, and acts.
import { toTimestamp } from '../../../core/world.ts';
import type { Resource } from '../../../resources/resource.ts';
import {
  type FunctionName,
  type FunctionProvider,
  NameTakenError,
  type Observation,
  type Outcome,
  type ProviderContext,
} from '../provider.ts';
import { type Attempt, againInMs, isRecent, nextAttempt, TAKEN } from './attempts.ts';
import { decideChange, type FunctionChange, isAsWanted, observeFunction, whyNotTaken } from './decide.ts';
import { APPLIED, boundsOf, deployedOf, listenerKeyOf, refusalMessage, whyUnsupported } from './deployed.ts';
import { createOpenFaasGateway, type Deployed, type GatewayOptions, type ReportedFunction } from './gateway.ts';
import { listenerSecretOf, OPENFAAS_FINALIZER, openfaasNameOf } from './names.ts';

export interface OpenFaasOptions extends GatewayOptions {
  readonly times?: Partial<typeof standard>;
}

const standard = { stuckAfterMs: 5 * 60_000, settledMs: 60_000, changingMs: 2000, editionMs: 10 * 60_000 };

const NO_TARGET = 'Its scale.target changes nothing: the Community Edition of OpenFaaS takes none.';

export interface OpenFaasProvider extends FunctionProvider {
  close(): Promise<void>;
}

export function createOpenFaasProvider(options: OpenFaasOptions): OpenFaasProvider {
  const gateway = createOpenFaasGateway(options);
  const times = { ...standard, ...options.times };
  /** Asked now and again: editions are upgraded. */
  let edition: { readonly community: boolean; readonly until: number } | undefined;

  async function isCommunity({ now, signal }: ProviderContext): Promise<boolean> {
    if (!edition || edition.until <= now)
      edition = { community: await gateway.isCommunity(signal), until: now + times.editionMs };
    return edition.community;
  }

  function observed(fn: Resource<'Function'>, reported: ReportedFunction | undefined, { now }: ProviderContext) {
    const observation = observeFunction(fn, reported, gateway.urlOf(openfaasNameOf(fn.metadata)), { ...times, now });
    const isIgnored = edition?.community === true && fn.spec.scale.target !== undefined;
    return isIgnored ? { ...observation, message: `${observation.message} ${NO_TARGET}` } : observation;
  }

  /**
   * Requested changes that it does not report yet, by its name there; another process begins anew.
   */
  const attempts = new Map<string, Attempt>();

  /** After a change: its report, or the reason why it did not make the change. */
  function changed(
    fn: Resource<'Function'>,
    reported: ReportedFunction | undefined,
    wanted: Deployed,
    context: ProviderContext,
  ): Outcome {
    const name = openfaasNameOf(fn.metadata);
    const attempt = attempts.get(name);
    if (reported && isAsWanted(reported, wanted)) attempts.delete(name);
    else if (attempt && !isRecent(attempt, context.now)) {
      const refused = whyNotTaken(reported, wanted, attempt, edition?.community === true);
      return { refused, lookAgainMs: Math.max(times.changingMs, againInMs(attempt, context.now)) };
    } else if (reported) return { observed: onItsWay(fn, reported, context) };
    return { observed: observed(fn, reported, context) };
  }

  /**
   * It took the change, and still reports the state before: that is not ready, whatever the state
   * of the instances.
   */
  function onItsWay(fn: Resource<'Function'>, reported: ReportedFunction, context: ProviderContext): Observation {
    const state = reported.availableReplicas > 0 ? 'partly' : 'starting';
    const message = 'OpenFaaS has taken the change, and does not tell of it yet.';
    return { ...observed(fn, reported, context), state, changing: true, message, lookAgainMs: times.changingMs };
  }

  /** The Secret goes first: nothing would look for it once the function is gone. */
  async function removeAll(fn: FunctionName, signal: AbortSignal): Promise<void> {
    await gateway.removeSecret(listenerSecretOf(fn), signal);
    await gateway.remove(openfaasNameOf(fn), signal);
  }

  return {
    name: 'openfaas',
    resources: [],
    looksAt: [],
    needs: undefined,
    finalizer: OPENFAAS_FINALIZER,
    holds: ({ finalizers }) => finalizers.includes(OPENFAAS_FINALIZER),
    async run(fn, context) {
      const unsupported = whyUnsupported(fn);
      if (unsupported !== undefined) return { unsupported };
      const { owner, now, signal, listeners } = context;
      const listenerKey = listenerKeyOf(fn, listeners);
      const name = openfaasNameOf(fn.metadata);
      const community = await isCommunity(context);
      const reported = await gateway.get(name, signal);
      // Zero is not to be had of every edition, so it is not there at all.
      const about = { owner, community, listenerKey, at: toTimestamp(now) };
      const wanted = fn.spec.scale.replicas === 0 ? undefined : deployedOf(fn, about);
      const attempt = attempts.get(name);
      const action: FunctionChange = decideChange(reported, wanted, owner.uid, {
        bounds: boundsOf(fn, community),
        attempt,
        now,
      });
      if (action.do === 'refuse') throw taken(name, action.owner, options.url);
      if (action.do === 'nothing') {
        attempts.delete(name);
        return { observed: observed(fn, reported, context) };
      }
      if (action.do === 'remove') await removeAll(fn.metadata, signal);
      if (action.do === 'scale') await gateway.scale(name, action.replicas, signal);
      if (wanted && (action.do === 'create' || action.do === 'update')) {
        // Written before the pods that need it, and again if we die in between.
        if (listenerKey) await gateway.putSecret(listenerKey.name, listenerKey.key, signal);
        const answered = await gateway[action.do](wanted, signal);
        if (answered.is === 'refused') {
          // No call would reach this part, and it would look ready.
          if (answered.half) await gateway.remove(name, signal);
          return { unsupported: refusalMessage(fn, answered.why), lookAgainMs: times.settledMs };
        }
        if (answered.is === 'missing') {
          await gateway.remove(name, signal);
          const message = `OpenFaaS has lost a part of it (${answered.why}), and is asked to make it anew.`;
          return { observed: { ...observed(fn, undefined, context), message } };
        }
        const status = answered.is === 'taken' ? TAKEN : answered.status;
        attempts.set(name, nextAttempt(attempt, wanted.annotations[APPLIED] ?? '', status, now));
      }
      const after = action.do === 'wait' ? reported : await gateway.get(name, signal);
      return wanted ? changed(fn, after, wanted, context) : { observed: observed(fn, after, context) };
    },
    async inspect(fn, context) {
      return observed(fn, await gateway.get(openfaasNameOf(fn.metadata), context.signal), context);
    },
    async remove(fn: FunctionName, { owner, signal, now }) {
      const name = openfaasNameOf(fn);
      const reported = await gateway.get(name, signal);
      attempts.delete(name);
      const action = decideChange(reported, undefined, owner.uid, { bounds: { least: 0, most: 0, toZero: true }, now });
      if (action.do === 'remove') await removeAll(fn, signal);
    },
    close: () => gateway.close(),
  };
}

function taken(name: string, owner: string, url: string): NameTakenError {
  return new NameTakenError(
    `OpenFaaS (${url}) has a function ${name} already, and it is not of this Function but of ${owner}. Remove it there.`,
  );
}
