// From Topics to how their topics in Kafka are shared with other programs. Parts with caches are
// kept from plan to plan.
import type { World } from '../../../core/world.ts';
import { createRegistryCodec } from '../../../drivers/event-log/shared/registry/registry-codec.ts';
import {
  createSchemaRegistry,
  type SchemaRegistry,
} from '../../../drivers/event-log/shared/registry/schema-registry.ts';
import type { DataCodec, TopicSharing } from '../../../drivers/event-log/shared/topic-sharing.ts';
import type { PlanEnvironment } from '../../../gateway/compile/plan-environment.ts';
import type { Resource } from '../../../resources/resource.ts';
import type { ResourceSet } from '../../../resources/resource-set.ts';
import { isNamedAsItIs, logTopicOf } from '../../../worker/plan/compile.ts';
import { createRegistryFetch } from './registry-fetch.ts';

export interface TopicSharings {
  /** Topics that are nothing special are left out, unless they were something before. */
  of(resources: ResourceSet): ReadonlyMap<string, TopicSharing>;
}

export interface TopicSharingsOptions extends Pick<PlanEnvironment, 'transport' | 'secrets'> {
  readonly world: World;
}

export function createTopicSharings({ world, transport, secrets }: TopicSharingsOptions): TopicSharings {
  const before = new Set<string>();
  /** By address and credentials. */
  const registries = new Map<string, SchemaRegistry>();
  const codecs = new Map<string, DataCodec>();

  const kept = <T>(all: Map<string, T>, key: readonly unknown[], make: () => T): T => {
    const name = JSON.stringify(key);
    const found = all.get(name) ?? make();
    all.set(name, found);
    return found;
  };
  const codecOf = (topic: Resource<'Topic'>): DataCodec | undefined => {
    const { format = 'json', registry: given } = topic.spec.encoding ?? {};
    if (given === undefined) return undefined;
    const { url, credentials, subject = `${logTopicOf(topic)}-value` } = given;
    const { namespace } = topic.metadata;
    const registry = kept(registries, [url, namespace, credentials], () =>
      createSchemaRegistry({
        world,
        fetch: createRegistryFetch({ world, transport, secrets, namespace, url, credentials }),
      }),
    );
    return kept(codecs, [url, namespace, credentials, format, subject], () =>
      createRegistryCodec({ registry, format, subject, url }),
    );
  };
  return {
    of(resources) {
      const sharings = new Map<string, TopicSharing>();
      for (const topic of resources.ofKind('Topic')) {
        const name = logTopicOf(topic);
        const { external, kafka } = topic.spec;
        const sharing: TopicSharing = {
          external,
          literal: isNamedAsItIs(topic),
          source: `/topics/${topic.metadata.name}`,
          type: topic.metadata.name,
          contentMode: kafka?.contentMode ?? 'binary',
          codec: codecOf(topic),
        };
        const isSpecial = sharing.literal || sharing.contentMode === 'structured' || sharing.codec !== undefined;
        if (!isSpecial && !before.has(name)) continue;
        before.add(name);
        sharings.set(name, sharing);
      }
      return sharings;
    },
  };
}
