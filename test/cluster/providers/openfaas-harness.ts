// Functions of OpenFaaS, as the contract of providers sees them, in a gateway
// that answers as the real one.
import { openfaasNameOf } from '../../../k8s/providers/openfaas/names.ts';
import { type FakeOpenFaas, settle } from '../../fakes/openfaas-gateway.ts';
import type { Harness } from './harness.ts';

/** Long past: no test waits for minutes. */
const LONG_AGO = '2026-01-01T00:00:00Z';

export function openfaasHarness(gateway: FakeOpenFaas): Harness {
  const nameOf = (name: string) => openfaasNameOf({ name, namespace: 'default' });
  return {
    name: 'openfaas',
    // What pods are like and who may call them is set for all of OpenFaaS.
    leaves: ['restricted', 'serviceLinks', 'accountToken', 'probes', 'spread', 'inside', 'egress'],
    canaries: false,
    url: name => `${gateway.url}/function/${nameOf(name)}`,
    async see(name) {
      const found = gateway.functions.get(nameOf(name));
      if (!found || found.deleted) return undefined;
      const { image, labels, envVars, secrets, requests, limits, readOnlyRootFilesystem } = found.deployed;
      const files = Object.entries(envVars as Record<string, string>).map(([variable, value]) => {
        const key = /^\/var\/openfaas\/secrets\/(.+)$/.exec(value)?.[1];
        return key === undefined
          ? [variable, value]
          : [variable.replace(/_FILE$/, ''), `secretKeyRef ${secrets.join().replace('default.', '')}/${key}`];
      });
      return {
        image,
        least: Number(labels['com.openfaas.scale.min']),
        most: Number(labels['com.openfaas.scale.max']),
        variables: Object.fromEntries(files),
        memory: { request: requests.memory, limit: limits.memory },
        timeoutSeconds: Number(envVars.TENFOLD_TIMEOUT_MS) / 1000,
        readOnlyRoot: readOnlyRootFilesystem,
        restricted: undefined,
        serviceLinks: undefined,
        accountToken: undefined,
        probes: undefined,
        spread: undefined,
        inside: undefined,
        egress: undefined,
      };
    },
    async report(name, state) {
      // It goes altogether.
      if (state === 'stopped') return;
      const found = gateway.functions.get(nameOf(name));
      if (!found) throw new Error(`There is no function ${name}.`);
      const fewer = found.replicas - 1;
      found.available = { starting: 0, ready: found.replicas, partly: fewer, behind: fewer, stuck: 0 }[state];
      if (state === 'stuck' || state === 'behind') found.deployed.annotations['tenfold.dev/applied-at'] = LONG_AGO;
    },
    async settle() {
      settle(gateway);
    },
  };
}
