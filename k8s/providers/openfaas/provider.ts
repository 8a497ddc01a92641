// Runs Functions by OpenFaaS, of any edition, through the REST API of its gateway: reads the state,
// decides, and acts.
import { toTimestamp } from '../../../core/world.ts';
import type { Resource } from '../../../resources/resource.ts';
import { APPLIED } from '../labels.ts';
import {
  type FunctionName,
  type FunctionProvider,
  type Held,
  NameTakenError,
  type Observation,
  type Outcome,
  type PodsElsewhere,
  type ProviderContext,
} from '../provider.ts';
import { type Attempt, againInMs, isRecent, nextAttempt, TAKEN } from './attempts.ts';
import { decideChange, type FunctionChange, isAsWanted, observeFunction, whyNotTaken } from './decide.ts';
import { boundsOf, deployedOf, type ListenerKey, listenerKeyOf, refusalMessage, whyUnsupported } from './deployed.ts';
import { createOpenFaasGateway, type Deployed, type OpenFaasGateway, type ReportedFunction } from './gateway.ts';
import type { GatewayOptions } from './gateway-calls.ts';
import { listenerSecretOf, OPENFAAS_FINALIZER, openfaasNameOf } from './names.ts';
import { podsInOpenFaaS } from './pods.ts';

export interface OpenFaasOptions extends GatewayOptions {
  readonly times?: Partial<typeof standard>;
}

const standard = { stuckAfterMs: 5 * 60_000, settledMs: 60_000, changingMs: 2000, editionMs: 10 * 60_000 };

const NO_TARGET = 'Its scale.target changes nothing: the Community Edition of OpenFaaS takes none.';

export interface OpenFaasProvider extends FunctionProvider {
  close(): Promise<void>;
}

export function createOpenFaasProvider(options: OpenFaasOptions): OpenFaasProvider {
  return new GatewayProvider(options);
}

/** A Function that OpenFaaS is to run. */
interface Running {
  readonly fn: Resource<'Function'>;
  /** Its name in OpenFaaS. */
  readonly name: string;
  /**
   * Undefined when it is to have no instances: not every edition can scale
   * to zero, so it is removed.
   */
  readonly wanted: Deployed | undefined;
  readonly listenerKey: ListenerKey | undefined;
  readonly context: ProviderContext;
}

class GatewayProvider implements OpenFaasProvider {
  readonly name = 'openfaas';
  readonly resources = [];
  readonly looksAt = [];
  readonly needs = undefined;
  readonly finalizer = OPENFAAS_FINALIZER;
  readonly podsElsewhere: PodsElsewhere;
  readonly #url: string;
  readonly #gateway: OpenFaasGateway;
  readonly #times: typeof standard;
  /** Asked now and again: editions are upgraded. */
  #edition: { readonly community: boolean; readonly until: number } | undefined;
  /**
   * Requested changes that it does not report yet, by its name there; another process begins anew.
   */
  readonly #attempts = new Map<string, Attempt>();

  constructor(options: OpenFaasOptions) {
    this.podsElsewhere = podsInOpenFaaS(options.namespace);
    this.#url = options.url;
    this.#gateway = createOpenFaasGateway(options);
    this.#times = { ...standard, ...options.times };
  }

  holds({ finalizers }: Held): boolean {
    return finalizers.includes(OPENFAAS_FINALIZER);
  }

  async run(fn: Resource<'Function'>, context: ProviderContext): Promise<Outcome> {
    const unsupported = whyUnsupported(fn);
    if (unsupported !== undefined) return { unsupported };
    const { owner, now, signal, listeners, podLabels } = context;
    const listenerKey = listenerKeyOf(fn, listeners);
    const name = openfaasNameOf(fn.metadata);
    const community = await this.#isCommunity(context);
    const reported = await this.#gateway.get(name, signal);
    const about = { owner, community, listenerKey, podLabels, at: toTimestamp(now) };
    const wanted = fn.spec.scale.replicas === 0 ? undefined : deployedOf(fn, about);
    const attempt = this.#attempts.get(name);
    const bounds = boundsOf(fn, community);
    const change = decideChange(reported, wanted, owner.uid, { bounds, attempt, now });
    if (change.do === 'refuse') throw nameTaken(name, change.owner, this.#url);
    if (change.do === 'nothing') {
      this.#attempts.delete(name);
      return { observed: this.#observed(fn, reported, context) };
    }
    const early = await this.#make(change, { fn, name, wanted, listenerKey, context });
    if (early) return early;
    const after = change.do === 'wait' ? reported : await this.#gateway.get(name, signal);
    return wanted ? this.#changed(fn, after, wanted, context) : { observed: this.#observed(fn, after, context) };
  }

  async inspect(fn: Resource<'Function'>, context: ProviderContext): Promise<Observation> {
    const reported = await this.#gateway.get(openfaasNameOf(fn.metadata), context.signal);
    return this.#observed(fn, reported, context);
  }

  async remove(fn: FunctionName, { owner, signal, now }: ProviderContext): Promise<void> {
    const name = openfaasNameOf(fn);
    const reported = await this.#gateway.get(name, signal);
    this.#attempts.delete(name);
    const bounds = { least: 0, most: 0, toZero: true };
    const change = decideChange(reported, undefined, owner.uid, { bounds, now });
    if (change.do === 'remove') await this.#removeAll(fn, signal);
  }

  close(): Promise<void> {
    return this.#gateway.close();
  }

  async #isCommunity({ now, signal }: ProviderContext): Promise<boolean> {
    if (!this.#edition || this.#edition.until <= now)
      this.#edition = { community: await this.#gateway.isCommunity(signal), until: now + this.#times.editionMs };
    return this.#edition.community;
  }

  /** Makes a change. Resolves to its outcome where that is known without a further report. */
  async #make(change: FunctionChange, running: Running): Promise<Outcome | undefined> {
    const { fn, name, wanted, context } = running;
    const { signal } = context;
    if (change.do === 'remove') await this.#removeAll(fn.metadata, signal);
    if (change.do === 'scale') await this.#gateway.scale(name, change.replicas, signal);
    if (wanted && (change.do === 'create' || change.do === 'update')) return this.#deploy(change.do, wanted, running);
    return undefined;
  }

  async #deploy(
    how: 'create' | 'update',
    wanted: Deployed,
    { fn, name, listenerKey, context }: Running,
  ): Promise<Outcome | undefined> {
    const { now, signal } = context;
    // Written before the pods that need it, and again if we die in between.
    if (listenerKey) await this.#gateway.putSecret(listenerKey.name, listenerKey.key, signal);
    const answered = await this.#gateway[how](wanted, signal);
    if (answered.is === 'refused') {
      // No call would reach this part, and it would look ready.
      if (answered.half) await this.#gateway.remove(name, signal);
      return { unsupported: refusalMessage(fn, answered.why), lookAgainMs: this.#times.settledMs };
    }
    if (answered.is === 'missing') {
      await this.#gateway.remove(name, signal);
      const message = `OpenFaaS has lost a part of it (${answered.why}), and is asked to make it anew.`;
      return { observed: { ...this.#observed(fn, undefined, context), message } };
    }
    const status = answered.is === 'taken' ? TAKEN : answered.status;
    const before = this.#attempts.get(name);
    this.#attempts.set(name, nextAttempt(before, wanted.annotations[APPLIED] ?? '', status, now));
    return undefined;
  }

  /** The Secret goes first: nothing would look for it once the function is gone. */
  async #removeAll(fn: FunctionName, signal: AbortSignal): Promise<void> {
    await this.#gateway.removeSecret(listenerSecretOf(fn), signal);
    await this.#gateway.remove(openfaasNameOf(fn), signal);
  }

  #observed(
    fn: Resource<'Function'>,
    reported: ReportedFunction | undefined,
    { now, pods }: ProviderContext,
  ): Observation {
    const url = this.#gateway.urlOf(openfaasNameOf(fn.metadata));
    const observation = observeFunction(fn, reported, url, {
      ...this.#times,
      now,
      pods,
      podsIn: this.podsElsewhere.namespace,
    });
    const isIgnored = this.#edition?.community === true && fn.spec.scale.target !== undefined;
    return isIgnored ? { ...observation, message: `${observation.message} ${NO_TARGET}` } : observation;
  }

  /** After a change: its report, or the reason why it did not make the change. */
  #changed(
    fn: Resource<'Function'>,
    reported: ReportedFunction | undefined,
    wanted: Deployed,
    context: ProviderContext,
  ): Outcome {
    const name = openfaasNameOf(fn.metadata);
    const attempt = this.#attempts.get(name);
    if (reported && isAsWanted(reported, wanted)) this.#attempts.delete(name);
    else if (attempt && !isRecent(attempt, context.now)) {
      const refused = whyNotTaken(reported, wanted, attempt, this.#edition?.community === true);
      return { refused, lookAgainMs: Math.max(this.#times.changingMs, againInMs(attempt, context.now)) };
    } else if (reported) return { observed: this.#onItsWay(fn, reported, context) };
    return { observed: this.#observed(fn, reported, context) };
  }

  /**
   * It took the change, and still reports the state before: that is not ready, whatever the state
   * of the instances.
   */
  #onItsWay(fn: Resource<'Function'>, reported: ReportedFunction, context: ProviderContext): Observation {
    const state = reported.availableReplicas > 0 ? 'partly' : 'starting';
    const message = 'OpenFaaS has taken the change, and does not tell of it yet.';
    const lookAgainMs = this.#times.changingMs;
    return { ...this.#observed(fn, reported, context), state, changing: true, message, lookAgainMs };
  }
}

function nameTaken(name: string, owner: string, url: string): NameTakenError {
  return new NameTakenError(
    `OpenFaaS (${url}) has a function ${name} already, and it is not of this Function but of ${owner}. Remove it there.`,
  );
}
