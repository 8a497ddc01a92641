// The listeners of the data plane: the internal one, one for each team that has
// its own, and the public one.
import type { OwnAddresses } from '../../admin/platform-view.ts';
import { withTokens } from '../../gateway/listeners/callers.ts';
import { PUBLIC } from '../../resources/ownership/listeners.ts';
import {
  type ListenerOptions,
  type ListenerPlace,
  openInternalListener,
  openPublicListener,
  openTeamListener,
} from '../listeners/open-listeners.ts';
import type { PlatformOptions } from '../platform-options.ts';
import type { Part } from './part.ts';
import type { OpenListener, PlatformParts } from './platform-part.ts';

type Common = Pick<
  PlatformParts,
  'options' | 'callWorld' | 'log' | 'progress' | 'inForce' | 'metrics' | 'answered' | 'tracer'
>;
type ListenerPart<Needs extends Common = Common> = Part<Needs, { readonly opened: OpenListener }>;

export function hostOf({ host, hosts }: PlatformOptions, listener: keyof OwnAddresses): string {
  return hosts?.[listener] ?? host;
}

function commonOf(given: Common, listener: 'public' | 'internal'): ListenerOptions {
  const { options, callWorld, inForce, metrics, answered, tracer } = given;
  return {
    world: callWorld,
    host: hostOf(options, listener),
    port: options.ports[listener],
    inForce,
    answered,
    tracer,
    connections: { limits: options.connections?.[listener], counts: metrics.connections(listener) },
  };
}

const drainAndStop: Pick<ListenerPart, 'drain' | 'stop'> = {
  drain: ({ opened }) => opened.drain(),
  stop: ({ opened }, graceMs) => opened.close(graceMs),
};

export const internalListenerPart: ListenerPart<Common & Pick<PlatformParts, 'keys'>> = {
  ...drainAndStop,
  name: 'internal listener',
  async start({ keys, ...given }) {
    const callers = withTokens(keys, given.options.cluster?.callers);
    const opened = await openInternalListener({
      ...commonOf(given, 'internal'),
      callers,
      causeKeyFor: keys.causeKeyFor,
    });
    const { progress } = given;
    progress.addresses = { ...progress.addresses, internal: opened.address };
    return { opened };
  },
};

export function teamListenerPart(place: ListenerPlace): ListenerPart {
  return {
    ...drainAndStop,
    name: `listener ${place.name}`,
    async start(given) {
      const { options, log, metrics, progress } = given;
      const counts = metrics.connections(place.name);
      const opened = await openTeamListener({ ...commonOf(given, 'public'), log }, counts, options.host, place);
      const listeners = { ...progress.addresses.listeners, [place.name]: opened.address };
      progress.addresses = { ...progress.addresses, listeners };
      return { opened };
    },
  };
}

/** It opens last, so that its clients find everything else there. */
export const publicListenerPart: ListenerPart = {
  ...drainAndStop,
  name: 'public listener',
  async start(given) {
    const { options, log, progress } = given;
    const { trustedProxies = [], certificate } = options;
    const common = commonOf(given, 'public');
    const opened = await openPublicListener({ ...common, name: PUBLIC, trustedProxies, certificate, log });
    progress.addresses = { ...progress.addresses, public: opened.address };
    return { opened };
  },
};
