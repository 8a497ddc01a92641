// The interface of a step that changes or watches an answer on its way back to the client.
import type { Duplex } from 'node:stream';

export interface ResponseHead {
  status: number;
  /** Name and value in turn. */
  fields: string[];
}

/** Takes the body of the target and gives what the client gets. */
export type Sink = Duplex;

/**
 * One step's part in the way back. Every `prepareHead` runs first, then every `filterHead`, and
 * then all see the answer as the client gets it. Filters run in the order in which they were added.
 */
export interface ResponseFilter {
  /**
   * Changes the head of a target's answer in place: for a filter that changes the body, or that
   * keeps what it sees. The body then goes through the sink that it returns, such as a compressor.
   * An answer from the cache was prepared when it was stored.
   */
  prepareHead?(head: ResponseHead): Sink | undefined;
  /** Changes the head of an answer that comes from a target, in place. */
  filterHead?(head: ResponseHead): void;
  /** The head as the client gets it. */
  onHead?(status: number, fields: readonly string[]): void;
  /**
   * A part of the body as the client gets it, e.g. compressed. The gateway's own
   * answers show their head alone.
   */
  onData?(chunk: Buffer): void;
  /** The whole answer went out. */
  onEnd?(): void;
  /** It did not: `failure` says why. Exactly one of onEnd and onFailure is called. */
  onFailure?(failure: Error): void;
  /**
   * While true the target is not slowed down for a slow client: another reader waits for the
   * answer, and bounds the bytes held.
   */
  readsAhead?(): boolean;
}
