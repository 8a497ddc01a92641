// Where Elasticsearch is and how to get in, and the client that is made of it; loaded only by who opens it, as that takes a third of a second.
import type { Client } from '@elastic/elasticsearch';

export interface ElasticsearchConnection {
  /** URLs of nodes; `https:` for TLS. */
  readonly nodes: readonly string[];
  readonly auth?: { readonly username: string; readonly password: string } | { readonly apiKey: string } | undefined;
  /** Certificates of authorities to trust instead of the well-known ones, PEM. */
  readonly ca?: string | undefined;
}

/** An answer with more bytes is refused: a page of large documents is narrowed by its `limit`. */
const MAX_ANSWER = 64 * 1024 * 1024;

/** Repeats nothing by itself. */
export async function clientOf({ nodes, auth, ca }: ElasticsearchConnection): Promise<Client> {
  const { Client } = await import('@elastic/elasticsearch');
  return new Client({
    nodes: [...nodes],
    ...(auth === undefined ? {} : { auth: { ...auth } }),
    ...(ca === undefined ? {} : { tls: { ca } }),
    maxRetries: 0,
    maxResponseSize: MAX_ANSWER,
    maxCompressedResponseSize: MAX_ANSWER,
    compression: nodes.some(node => node.startsWith('https:')),
    // Documents are not ours: a member may have any name.
    disablePrototypePoisoningProtection: true,
    enableMetaHeader: false,
  });
}
