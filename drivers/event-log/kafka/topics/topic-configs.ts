// Settings of a topic as Kafka calls them.
import type { TopicSettings } from '../../event-log.ts';

export const MIN_INSYNC = 'min.insync.replicas';
export const MAX_MESSAGE = 'max.message.bytes';
const SEGMENT_BYTES = 1 << 30;
/** Larger than any record may be. */
const MIN_SEGMENT_BYTES = 16 << 20;

export function configsOf({ retentionMs, retentionBytes, minInsyncReplicas }: TopicSettings): Record<string, string> {
  const segment = retentionBytes === undefined ? SEGMENT_BYTES : Math.min(SEGMENT_BYTES, Math.ceil(retentionBytes / 4));
  return {
    'retention.ms': String(retentionMs ?? -1),
    'retention.bytes': String(retentionBytes ?? -1),
    ...(minInsyncReplicas === undefined ? {} : { [MIN_INSYNC]: String(minInsyncReplicas) }),
    // Only whole segments go.
    'segment.bytes': String(Math.max(segment, MIN_SEGMENT_BYTES)),
  };
}
