// The topics of Kafka for a process that only makes, grows and deletes them, such as the operator
// of a cluster: connected when it is first needed.
import { TenfoldError } from '../../../core/errors.ts';
import type { World } from '../../../core/world.ts';
import type { SharedLog } from '../../../drivers/event-log/shared/shared-log.ts';
import type { Resource } from '../../../resources/resource.ts';
import { isNamedAsItIs, kafkaTopicOf, logTopicOf, topicPlanOf, whyElsewhere } from '../../../worker/plan/compile.ts';
import { ensureAsFarAsPossible } from '../../../worker/plan/ensure-rest.ts';
import type { Config } from '../../config/schema.ts';
import type { GatewayLogEntry } from '../../platform-events.ts';
import { openKafka } from '../../storage/open-services.ts';

export interface KafkaTopics {
  /** The name in Kafka. */
  nameOf(topic: Resource<'Topic'>): string;
  /**
   * Rejects with `conflict` where the topic is another namespace's, as `remove` does, and where the
   * log refuses its partitions. In the second case all but the partitions is as the Topic says.
   */
  ensure(topic: Resource<'Topic'>): Promise<void>;
  remove(topic: Resource<'Topic'>): Promise<void>;
  close(): Promise<void>;
}

export function createKafkaTopics(
  world: World,
  settings: NonNullable<Config['log']['kafka']>,
  log: (entry: GatewayLogEntry) => void,
): KafkaTopics {
  const { topicPrefix } = settings;
  let opening: Promise<SharedLog> | undefined;

  async function open(topic: Resource<'Topic'>): Promise<SharedLog> {
    const elsewhere = whyElsewhere(topic, topicPrefix);
    if (elsewhere !== undefined) throw new TenfoldError('conflict', elsewhere);
    opening ??= openKafka(world, settings, log).open();
    const shared = await opening;
    // A name that a Topic gives is used as it is, without the prefix of this installation.
    const sharing = {
      external: topic.spec.external,
      literal: isNamedAsItIs(topic),
      source: '',
      type: '',
      contentMode: 'binary' as const,
      codec: undefined,
    };
    shared.share(new Map([[logTopicOf(topic), sharing]]));
    return shared;
  }

  return {
    nameOf: topic => kafkaTopicOf(topic, topicPrefix),
    async ensure(topic) {
      const { name, settings: wanted } = topicPlanOf(topic);
      const log = await open(topic);
      await ensureAsFarAsPossible(log, { name, settings: wanted });
    },
    async remove(topic) {
      await (await open(topic)).deleteTopic(logTopicOf(topic));
    },
    async close() {
      await (await opening)?.close();
    },
  };
}
