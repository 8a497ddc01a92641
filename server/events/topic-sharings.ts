// From Topics to how their topics in Kafka are shared with other programs. What has caches is kept from plan to plan.
import type { World } from '../../core/world.ts';
import type { DataCodec, TopicSharing } from '../../drivers/event-log/shared/topic-sharing.ts';
import type { PlanEnvironment } from '../../gateway/plan/plan-context.ts';
import type { Resource } from '../../resources/resource.ts';
import type { ResourceSet } from '../../resources/resource-set.ts';
import { logTopicOf } from '../../worker/plan/compile.ts';

export interface TopicSharings {
  /** Topics that are nothing special are left out, unless they were something before. */
  of(resources: ResourceSet): ReadonlyMap<string, TopicSharing>;
}

export interface TopicSharingsOptions extends Pick<PlanEnvironment, 'transport' | 'secrets'> {
  readonly world: World;
}

export function createTopicSharings(_options: TopicSharingsOptions): TopicSharings {
  const before = new Set<string>();
  const codecOf = (_topic: Resource<'Topic'>): DataCodec | undefined => undefined;
  return {
    of(resources) {
      const sharings = new Map<string, TopicSharing>();
      for (const topic of resources.ofKind('Topic')) {
        const name = logTopicOf(topic);
        const { external, kafka } = topic.spec;
        const sharing: TopicSharing = {
          external,
          literal: external || kafka?.topic !== undefined,
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
