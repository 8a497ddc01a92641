// Describes Topics, Queues and their consumers as an AsyncAPI 3.1 document.
import { channelKeyOf, type EventFlow, flowsOf, type Holder, holdersOf } from '../../../admin/catalogue/event-flows.ts';
import { subscriptionGroupOf, withPrefix } from '../../../core/names.ts';
import type { ResourceSet } from '../../../resources/resource-set.ts';
import { kafkaTopicOf } from '../../../worker/plan/compile.ts';
import { dataSchemaOf, messageOf } from './message.ts';

export interface AsyncApiDocument {
  readonly asyncapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly defaultContentType: 'application/json';
  readonly channels: Readonly<Record<string, object>>;
  readonly operations: Readonly<Record<string, object>>;
  readonly components: object;
}

const BINDING = { bindingVersion: '0.5.0' };

/** `topicPrefix`: the one of the installation, which names in Kafka begin with. */
export function toAsyncApi(resources: ResourceSet, topicPrefix: string): AsyncApiDocument {
  return documentOf(titleOf(resources), holdersOf(resources), flowsOf(resources), topicPrefix);
}

/** A document for each holder: its channel, and who sends and receives there. */
export function asyncApisOf(resources: ResourceSet, topicPrefix: string): ReadonlyMap<Holder, AsyncApiDocument> {
  const flows = Map.groupBy(flowsOf(resources), flow => flow.holder);
  return new Map(
    holdersOf(resources).map(holder => [
      holder,
      documentOf(`${holder.kind} ${holder.metadata.name}`, [holder], flows.get(holder) ?? [], topicPrefix),
    ]),
  );
}

function documentOf(title: string, holders: readonly Holder[], flows: readonly EventFlow[], topicPrefix: string) {
  const schemas = holders.flatMap(holder => {
    const schema = dataSchemaOf(holder);
    return schema === undefined ? [] : [[channelKeyOf(holder), schema]];
  });
  return {
    asyncapi: '3.1.0' as const,
    info: {
      title,
      version: '1',
      description:
        'Topics and Queues of Tenfold, and the resources that send and receive there. Functions that publish by code are not in the resources, and so not here.',
    },
    defaultContentType: 'application/json' as const,
    channels: Object.fromEntries(holders.map(holder => [channelKeyOf(holder), channelOf(holder, topicPrefix)])),
    operations: Object.fromEntries(flows.map(flow => [operationKeyOf(flow), operationOf(flow, topicPrefix)])),
    components: {
      messages: Object.fromEntries(holders.map(holder => [channelKeyOf(holder), messageOf(holder, topicPrefix)])),
      schemas: Object.fromEntries(schemas),
    },
  };
}

function titleOf({ all }: ResourceSet): string {
  const namespaces = new Set(all.map(({ metadata }) => metadata.namespace));
  return namespaces.size === 1 ? `Events of ${[...namespaces][0]}` : 'Events';
}

function channelOf(holder: Holder, topicPrefix: string): object {
  const key = channelKeyOf(holder);
  const messages = { event: { $ref: `#/components/messages/${key}` } };
  const title = `${holder.kind} ${holder.metadata.name}`;
  if (holder.kind === 'Queue') {
    const description = 'Jobs come in by Apis and Functions alone, so the channel has no address.';
    return { address: null, title, description, messages };
  }
  const { partitions, retention, retentionSize, external, kafka } = holder.spec;
  const settings = {
    partitions,
    ...(kafka?.replicas === undefined ? {} : { replicas: kafka.replicas }),
    topicConfiguration: {
      'cleanup.policy': ['delete'],
      'retention.ms': retention,
      ...(retentionSize === undefined ? {} : { 'retention.bytes': retentionSize }),
    },
  };
  const topic = kafkaTopicOf(holder, topicPrefix);
  // The settings of an external topic are its owner's.
  return { address: topic, title, messages, bindings: { kafka: { topic, ...(external ? {} : settings), ...BINDING } } };
}

/** `subscription.shop.wall.receive.shop.orders`. */
function operationKeyOf({ action, by, holder }: EventFlow): string {
  const { kind, metadata } = by;
  return [kind.toLowerCase(), metadata.namespace, metadata.name, action, channelKeyOf(holder)].join('.');
}

function operationOf({ action, by, holder }: EventFlow, topicPrefix: string): object {
  const key = channelKeyOf(holder);
  const group =
    by.kind === 'Subscription' && action === 'receive'
      ? withPrefix(topicPrefix, subscriptionGroupOf(by.metadata.namespace, by.metadata.name))
      : undefined;
  const filter = by.kind === 'Subscription' && action === 'receive' ? by.spec.filter : undefined;
  return {
    action,
    channel: { $ref: `#/channels/${key}` },
    title: `${by.kind} ${by.metadata.name}`,
    ...(filter === undefined ? {} : { description: `Only events for which \`${filter}\` holds.` }),
    messages: [{ $ref: `#/channels/${key}/messages/event` }],
    ...(group !== undefined && { bindings: { kafka: { groupId: { type: 'string', const: group }, ...BINDING } } }),
  };
}
