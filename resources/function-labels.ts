// Which labels of a Function its pods get: those that the installation names, and none by which
// others find pods.

type Labels = Readonly<Record<string, string>>;

/** The platform, its providers and Kubernetes find and count pods by labels of these domains. */
const TAKEN_DOMAINS = ['tenfold.dev', 'knative.dev', 'kubernetes.io', 'k8s.io', 'openfaas.com'];
/** The same without a domain: of Deployments, and of OpenFaaS. */
const TAKEN = ['pod-template-hash', 'faas_function', 'uid'];
const KEY =
  /^(?:(?=.{1,253}\/)([a-z0-9](?:[-a-z0-9.]*[a-z0-9])?)\/)?(?:\*|[A-Za-z0-9](?:[-_.A-Za-z0-9]{0,61}[A-Za-z0-9])?)$/;

/**
 * The reason why no pod can get labels of this name; undefined where they can. A name is the key of
 * a label, or a domain with all of its keys: `example.com/*`.
 */
export function whyNoPodLabel(name: string): string | undefined {
  const match = KEY.exec(name);
  if (match === null || name === '*')
    return 'This must be the key of a label, such as team or example.com/cost-center, or all keys of a domain, such as example.com/*.';
  const [, domain] = match;
  const isTaken =
    domain === undefined
      ? TAKEN.includes(name) || name.startsWith('com.openfaas.')
      : TAKEN_DOMAINS.some(taken => domain === taken || domain.endsWith(`.${taken}`));
  return isTaken ? `Pods are found by labels such as ${name}, so they cannot get that of a Function.` : undefined;
}

/** Sorted by key: the order in which somebody wrote them changes nothing. */
export function podLabelsOf(labels: Labels, names: readonly string[]): Labels {
  const isNamed = (key: string) =>
    names.some(name => (name.endsWith('/*') ? key.startsWith(name.slice(0, -1)) : key === name));
  const named = Object.entries(labels).filter(([key]) => isNamed(key));
  return Object.fromEntries(named.toSorted(([one], [other]) => (one < other ? -1 : 1)));
}
