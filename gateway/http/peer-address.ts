// The address at the other end of a connection.

/** IPv4 inside IPv6 as IPv4; empty where the connection has ended. */
export function peerAddress({ remoteAddress = '' }: { readonly remoteAddress?: string | undefined }): string {
  return unmapped(remoteAddress);
}

export function unmapped(address: string): string {
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}
