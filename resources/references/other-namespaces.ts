// No resource reaches into another namespace, also not by an address or by the name of a topic:
// there is no consent that could be given for it.
import type { ResourceProblem } from '../resource.ts';
import { type Check, problemAt } from './check.ts';
import { belongsElsewhere, createTopicOwners, topicsOfTwo } from './topic-owners.ts';

export const otherNamespaces: Check = context => [
  ...addresses(context),
  ...topics(context),
  ...topicsOfTwo(context.declared).flatMap(({ problems }) => problems),
];

/**
 * Functions of others, which admit the platform: the author of a url here would call them by the
 * platform's right.
 */
function addresses({ resources, marked }: Parameters<Check>[0]): ResourceProblem[] {
  const known = new Set(resources.all.map(({ metadata }) => metadata.namespace));
  return marked.flatMap(({ resource, path, value, marks }) => {
    if (!marks.url || typeof value !== 'string' || !URL.canParse(value)) return [];
    const [name = '', namespace, ...rest] = new URL(value).hostname.replace(/\.$/, '').split('.');
    // The name may have the tag of a Revision before it, where Knative runs it.
    if (!/^(fn-|(.+-)?kn-)/.test(name) || namespace === undefined || namespace === resource.metadata.namespace)
      return [];
    // `fn-menu.com` may be anybody's; `fn-menu.shop` is a Service where there is such a namespace.
    if (rest.length === 0 ? !known.has(namespace) : rest[0] !== 'svc') return [];
    const message = `This is the address of a Function in the namespace "${namespace}", which resources of "${resource.metadata.namespace}" do not reach. Let that namespace offer it by an Api, and name its address.`;
    return [problemAt(resource, path, { message })];
  });
}

/** Events of others. */
function topics({ resources }: Parameters<Check>[0]): ResourceProblem[] {
  const ownerOf = createTopicOwners(resources);
  return resources.ofKind('Topic').flatMap(topic => {
    const owner = ownerOf(topic);
    if (owner === undefined) return [];
    const message = belongsElsewhere(topic.spec.kafka?.topic ?? '', owner, topic.metadata.namespace);
    return [problemAt(topic, ['spec', 'kafka', 'topic'], { message })];
  });
}
