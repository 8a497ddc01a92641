// The party of a request, by which requests take turns and are counted apart: the authenticated
// consumer, else the client's network.
import { hash } from 'node:crypto';
import { clientNetwork } from '../http/client-network.ts';

/** Longer values count by their hash, so that a name has a bound. */
const MAX_LENGTH = 128;

interface Asker {
  /** The function that calls at an internal listener, with its namespace. */
  readonly caller?: string | undefined;
  readonly consumer: string | undefined;
  readonly client: { readonly address: string };
}

/** The first letters keep a consumer from being called like an address. */
export function partyOf(asker: Asker): string {
  if (asker.caller !== undefined) return `function ${bounded(asker.caller)}`;
  return asker.consumer === undefined ? networkPartyOf(asker) : `consumer ${bounded(asker.consumer)}`;
}

export function networkPartyOf({ client }: Pick<Asker, 'client'>): string {
  return `ip ${clientNetwork(client.address)}`;
}

export function bounded(value: string): string {
  return value.length <= MAX_LENGTH ? value : hash('sha256', value, 'base64url');
}
