// The claim check of a Topic: data beyond maxSize goes to the blob store, and the event
// carries its address (dataref).
import { dataId, dataPath } from '../../core/cloudevents/data-reference.ts';
import { expiringKey, hourOf } from '../../core/expiring-key.ts';
import type { World } from '../../core/world.ts';
import type { BlobStore } from '../../drivers/blob-store/blob-store.ts';

export interface ClaimCheck {
  /** Bytes of data at most. */
  readonly maxBytes: number;
  /** Durable when it resolves with the address. */
  keep(
    data: AsyncIterable<Uint8Array> | Uint8Array,
    contentType: string | undefined,
    signal: AbortSignal,
  ): Promise<Claim>;
}

export interface Claim {
  readonly dataref: string;
  /**
   * For data whose event was not taken. An object that cannot be deleted now expires with its time.
   */
  discard(): void;
}

export interface ClaimCheckOptions {
  readonly world: World;
  readonly blobs: BlobStore;
  readonly namespace: string;
  readonly topic: string;
  readonly maxBytes: number;
  /** Retention of the topic's events, in milliseconds. */
  readonly retentionMs: number;
}

/**
 * Events that are parked or given up are needed longer than the topic keeps
 * them; so long by default.
 */
const BEYOND_RETENTION_MS = 15 * 86_400_000;

export function createClaimCheck(options: ClaimCheckOptions): ClaimCheck {
  const { world, blobs, namespace, topic, maxBytes, retentionMs } = options;
  return {
    maxBytes,
    async keep(data, contentType, signal) {
      const hour = hourOf((await blobs.now()) + retentionMs + BEYOND_RETENTION_MS);
      const id = dataId(hour, world.id().replaceAll('-', ''));
      const key = claimKey(hour, namespace, topic, id);
      await blobs.put(key, data, { contentType, maxBytes, when: 'absent', signal });
      return {
        dataref: dataPath(topic, id),
        discard: () => void blobs.delete(key).catch(() => {}),
      };
    },
  };
}

export function claimKey(hour: string, namespace: string, topic: string, id: string): string {
  return expiringKey(hour, `data/${namespace}/${topic}/${id}`);
}
