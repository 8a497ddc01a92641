// A connection to a broker, as those that send requests see it.
import type { KafkaRequest } from '../wire/request.ts';

export interface BrokerConnection {
  /**
   * Rejects with a fault of kind `connection` when it is lost or nobody answers in time: what
   * was asked may have happened.
   */
  send<Answer>(request: KafkaRequest<Answer>, timeoutMs: number): Promise<Answer>;
  /** Requests that wait for their answer. */
  readonly pending: number;
  readonly isOpen: boolean;
  /**
   * When it is to be replaced, as the server ends sessions; milliseconds of the monotonic clock.
   */
  readonly expiresAt: number;
  close(): void;
}
