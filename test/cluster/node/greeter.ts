// The Function "greeter" by Knative on a node: how it is changed, and what its status says.
import { eventually } from '../../eventually.ts';
import type { Node } from './node.ts';

export const FUNCTION = 'functions.tenfold.dev/greeter';
export const SERVICE = 'services.serving.knative.dev/kn-greeter';

export function greeterIn(namespace: string, node: () => Node) {
  const kubectl = (...args: string[]) => node().kubectl([...args, `--namespace=${namespace}`]);
  const get = async (what: string) => JSON.parse(await kubectl('get', what, '--output=json'));
  const patch = (what: string, spec: object) =>
    kubectl('patch', what, '--type=merge', '--patch', JSON.stringify({ spec }));
  const ready = (what = FUNCTION) => kubectl('wait', '--for=condition=Ready', what, '--timeout=300s');
  const conditionOf = async (type: string) => {
    const { status } = await get(FUNCTION);
    return status.conditions.find((one: { type: string }) => one.type === type);
  };
  const addressOf = (tag: 'stable' | 'canary') => `http://${tag}-kn-greeter.${namespace}.svc.cluster.local`;
  return {
    kubectl,
    get,
    patch,
    conditionOf,
    /** The next version is the one that answers with `version`. */
    become: (version: string) => patch(FUNCTION, { env: [{ name: 'VERSION', value: version }] }),
    ready,
    /** Percent of the calls; null: none is declared. */
    canary: (percent: number | null) => patch(FUNCTION, { canary: percent === null ? null : { percent } }),
    /** Where one version alone is called. */
    addressOf,
    /** Leads there through the gateway, as `/canary`. */
    wayToCanary: `
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: canary }
spec: { url: ${addressOf('canary')} }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: canary }
spec: { routes: [{ match: { method: GET, path: /canary }, to: { function: canary } }] }
`,
    /** Until the version that has all calls keeps its part of them. Answers with its Revision. */
    async isKept(): Promise<string> {
      const isSo = async () => (await get(SERVICE)).spec.traffic?.[0]?.tag === 'stable';
      await eventually(isSo, 'the version that has all calls is kept');
      await ready(SERVICE);
      return (await get(SERVICE)).spec.traffic[0].revisionName;
    },
    /** Until Knative has done it. */
    async isTried(percent: number): Promise<void> {
      const isSo = async () => {
        const { reason, message } = await conditionOf('Progressing');
        return reason === 'Canary' && message.startsWith(`${percent}% of the calls go to `);
      };
      await eventually(isSo, `the newest version gets ${percent}% of the calls`);
    },
    /** Until no canary is left. */
    async isSettled(): Promise<void> {
      const isSo = async () => {
        const { traffic } = (await get(FUNCTION)).status;
        return (await conditionOf('Progressing')).reason === 'Settled' && traffic === undefined;
      };
      await eventually(isSo, 'all calls go to one version');
    },
  };
}
