// The client's side of a connection that is to change its protocol.
import type { Duplex } from 'node:stream';

/** The socket that node:http hands over with a request for an upgrade. */
export interface ClientSide {
  /** The protocol that the connection is to speak, as the client spells it. */
  readonly protocol: string;
  readonly socket: Duplex;
  /** The bytes that the client sent after the head of its request. */
  readonly first: Buffer;
}
