// No resource reaches into another namespace, also not by an address or by the name of a topic: there is no consent that could be given for it.
import { RESERVED, topicOf } from '../../core/names.ts';
import type { ResourceProblem } from '../resource.ts';
import { type Check, problemAt } from './check.ts';

export const otherNamespaces: Check = context => [...addresses(context), ...topics(context)];

/** Functions of others, which let in the platform: who writes a url here would call them by the platform's right. */
function addresses({ resources, marked }: Parameters<Check>[0]): ResourceProblem[] {
  const known = new Set(resources.all.map(({ metadata }) => metadata.namespace));
  return marked.flatMap(({ resource, path, value, marks }) => {
    if (!marks.url || typeof value !== 'string' || !URL.canParse(value)) return [];
    const [name = '', namespace, ...rest] = new URL(value).hostname.replace(/\.$/, '').split('.');
    // With the tag of a Revision before it, where Knative runs it.
    if (!/^(fn-|(.+-)?kn-)/.test(name) || namespace === undefined || namespace === resource.metadata.namespace)
      return [];
    // `fn-menu.com` may be anybody's; `fn-menu.shop` is a Service where there is such a namespace.
    if (rest.length === 0 ? !known.has(namespace) : rest[0] !== 'svc') return [];
    const message = `This is the address of a Function in the namespace "${namespace}", which resources of "${resource.metadata.namespace}" do not reach. Let that namespace offer it by an Api, and name its address.`;
    return [problemAt(resource, path, { message })];
  });
}

/** Events of others: a topic that stands for a Topic of another namespace, or that is kept there by us. */
function topics({ resources }: Parameters<Check>[0]): ResourceProblem[] {
  const owners = new Map(
    resources
      .ofKind('Topic')
      .filter(({ spec }) => spec.kafka?.topic === undefined)
      .map(({ metadata }) => [topicOf(metadata.namespace, metadata.name), metadata.namespace]),
  );
  const known = new Set(resources.all.map(({ metadata }) => metadata.namespace));
  return resources.ofKind('Topic').flatMap(topic => {
    const name = topic.spec.kafka?.topic;
    if (name === undefined) return [];
    const [first = '', second = ''] = name.split('.');
    const owner = owners.get(name) ?? (RESERVED.has(first) && known.has(second) ? second : undefined);
    if (owner === undefined || owner === topic.metadata.namespace) return [];
    const message = `The topic ${name} of Kafka belongs to the namespace "${owner}", and this Topic is in "${topic.metadata.namespace}". Take another name.`;
    return [problemAt(topic, ['spec', 'kafka', 'topic'], { message })];
  });
}
