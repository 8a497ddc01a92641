// The client's side of a connection that is to change its protocol.
import type { Duplex } from 'node:stream';

/** What node:http hands over with a request for an upgrade. */
export interface ClientSide {
  /** What the connection is to speak, as the client spells it. */
  readonly protocol: string;
  readonly socket: Duplex;
  /** What the client sent after the head of its request. */
  readonly first: Buffer;
}
