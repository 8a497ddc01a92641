// The address of Elasticsearch with its credentials, and the client for it. The client is imported
// only when a search index is opened, as that takes a third of a second.
import type { Client } from '@elastic/elasticsearch';
import { callerConnections } from '../../../core/http/keep-alive.ts';
import { loadOptional } from '../../../core/packages/optional-package.ts';

export interface ElasticsearchConnection {
  /** URLs of nodes; `https:` for TLS. */
  readonly nodes: readonly string[];
  readonly auth?: { readonly username: string; readonly password: string } | { readonly apiKey: string } | undefined;
  /** Certificates of authorities to trust instead of the well-known ones, PEM. */
  readonly ca?: string | undefined;
}

/** Repeats nothing by itself. `maxAnswerBytes`: an answer with more is refused. */
export async function createElasticsearchClient(
  { nodes, auth, ca }: ElasticsearchConnection,
  maxAnswerBytes: number,
): Promise<Client> {
  const load = () => import('@elastic/elasticsearch');
  const { Client } = await loadOptional('@elastic/elasticsearch', 'Searching in Elasticsearch', load);
  return new Client({
    nodes: [...nodes],
    ...(auth === undefined ? {} : { auth: { ...auth } }),
    ...(ca === undefined ? {} : { tls: { ca } }),
    agent: { ...callerConnections },
    maxRetries: 0,
    maxResponseSize: maxAnswerBytes,
    maxCompressedResponseSize: maxAnswerBytes,
    // Documents are not ours: a member may have any name.
    disablePrototypePoisoningProtection: true,
    enableMetaHeader: false,
  });
}
