// The topics of Kafka for whoever only makes, grows and deletes them, such as the operator of a cluster: connected when it is first needed.
import type { World } from '../../core/world.ts';
import type { SharedLog } from '../../drivers/event-log/shared/shared-log.ts';
import type { Resource } from '../../resources/resource.ts';
import { logTopicOf, topicPlanOf } from '../../worker/plan/compile.ts';
import type { Config } from '../config/schema.ts';
import type { GatewayLogEntry } from '../platform-events.ts';
import { openKafka } from '../storage/open-services.ts';

export interface KafkaTopics {
  nameOf(topic: Resource<'Topic'>): string;
  ensure(topic: Resource<'Topic'>): Promise<void>;
  remove(topic: Resource<'Topic'>): Promise<void>;
  close(): Promise<void>;
}

export function createKafkaTopics(
  world: World,
  settings: NonNullable<Config['log']['kafka']>,
  log: (entry: GatewayLogEntry) => void,
): KafkaTopics {
  let opening: Promise<SharedLog> | undefined;

  async function open(topic: Resource<'Topic'>): Promise<SharedLog> {
    opening ??= openKafka(world, settings, log).open();
    const shared = await opening;
    const { external, kafka } = topic.spec;
    // A name that a Topic gives is meant as it is, without the prefix of this installation.
    const sharing = {
      external,
      literal: external || kafka?.topic !== undefined,
      source: '',
      type: '',
      contentMode: 'binary' as const,
      codec: undefined,
    };
    shared.share(new Map([[logTopicOf(topic), sharing]]));
    return shared;
  }

  return {
    nameOf: logTopicOf,
    async ensure(topic) {
      const { name, settings: wanted } = topicPlanOf(topic);
      await (await open(topic)).ensureTopic(name, wanted);
    },
    async remove(topic) {
      await (await open(topic)).deleteTopic(logTopicOf(topic));
    },
    async close() {
      await (await opening)?.close();
    },
  };
}
