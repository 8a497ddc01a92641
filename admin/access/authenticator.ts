// The port through which the admin API finds out who calls.
import type { IncomingMessage } from 'node:http';
import type { Caller } from './caller.ts';

export interface Presented {
  /** The token of `Authorization: Bearer`; undefined when there is none of that form. */
  readonly token: string | undefined;
  readonly request: Pick<IncomingMessage, 'headers' | 'socket'>;
}

export interface Authenticator {
  /** The credentials that it takes, for messages, such as `the admin token`. */
  readonly takes: string;
  /**
   * Undefined for credentials that are none of its own. Rejects with `unauthenticated` for its own
   * that are not valid, and with `auth-unavailable` when it cannot check them.
   */
  identify(presented: Presented): Caller | undefined | Promise<Caller | undefined>;
  /** Why nobody is let in by it at the moment: a sentence for the operator. */
  trouble?(): string | undefined;
  close?(): void;
}
