// Runs Functions by OpenFaaS, of any edition, through the REST API of its gateway: asks what is there, decides, and acts.
import { toTimestamp } from '../../../core/world.ts';
import type { Resource } from '../../../resources/resource.ts';
import { type FunctionName, type FunctionProvider, NameTakenError, type ProviderContext } from '../provider.ts';
import { type Action, decide, observe } from './decide.ts';
import { boundsOf, deployedOf, doorKeyOf, refusal, whyUnsupported } from './deployed.ts';
import { createOpenFaasGateway, type GatewayOptions, type Told } from './gateway.ts';
import { doorSecretOf, OPENFAAS_FINALIZER, openfaasNameOf } from './names.ts';

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

  function observed(fn: Resource<'Function'>, told: Told | undefined, { now }: ProviderContext) {
    const observation = observe(fn, told, gateway.urlOf(openfaasNameOf(fn.metadata)), { ...times, now });
    const isIgnored = edition?.community === true && fn.spec.scale.target !== undefined;
    return isIgnored ? { ...observation, message: `${observation.message} ${NO_TARGET}` } : observation;
  }

  /** The Secret first: of a function that is gone nobody would look for it. */
  async function removeAll(fn: FunctionName, signal: AbortSignal): Promise<void> {
    await gateway.removeSecret(doorSecretOf(fn), signal);
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
      const { owner, now, signal, doors } = context;
      const doorKey = doorKeyOf(fn, doors);
      const name = openfaasNameOf(fn.metadata);
      const community = await isCommunity(context);
      const told = await gateway.get(name, signal);
      // Zero is not to be had of every edition, so it is not there at all.
      const about = { owner, community, doorKey, at: toTimestamp(now) };
      const wanted = fn.spec.scale.replicas === 0 ? undefined : deployedOf(fn, about);
      const action: Action = decide(told, wanted, owner.uid, boundsOf(fn, community));
      if (action.do === 'refuse') throw taken(name, action.owner, options.url);
      if (action.do === 'nothing') return { observed: observed(fn, told, context) };
      if (action.do === 'remove') await removeAll(fn.metadata, signal);
      if (action.do === 'scale') await gateway.scale(name, action.replicas, signal);
      if (wanted && (action.do === 'create' || action.do === 'update')) {
        // Before the pods that need it; again, should we die in between.
        if (doorKey) await gateway.putSecret(doorKey.name, doorKey.key, signal);
        const refused = await gateway[action.do](wanted, signal);
        if (refused !== undefined) return { unsupported: refusal(fn, refused) };
      }
      return { observed: observed(fn, await gateway.get(name, signal), context) };
    },
    async look(fn, context) {
      return observed(fn, await gateway.get(openfaasNameOf(fn.metadata), context.signal), context);
    },
    async remove(fn: FunctionName, { owner, signal }) {
      const name = openfaasNameOf(fn);
      const told = await gateway.get(name, signal);
      const action = decide(told, undefined, owner.uid, { least: 0, most: 0, toZero: true });
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
