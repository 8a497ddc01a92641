// Whether the cluster can serve the indexes of this installation; a change to
// red and back is logged once.
import type { ElasticsearchLink } from './link.ts';

type Log = (level: 'info' | 'warn', message: string) => void;

const HEALTH_MS = 3_000;

export class ClusterState {
  readonly #link: ElasticsearchLink;
  readonly #prefix: string;
  readonly #log: Log;
  #wasRed = false;

  constructor(link: ElasticsearchLink, prefix: string, log: Log) {
    this.#link = link;
    this.#prefix = prefix;
    this.#log = log;
  }

  async health(): Promise<{ readonly ok: boolean; readonly reason?: string }> {
    const request = { index: `${this.#prefix}*`, timeout: '1s' };
    try {
      const { status, unassigned_shards: unassigned } = await this.#link.ask(
        0,
        (client, options) => client.cluster.health(request, options),
        HEALTH_MS,
      );
      const isRed = status === 'red' || status === 'RED';
      const reason = `Elasticsearch is red: ${unassigned} shards of ${this.#prefix}* are on no node.`;
      this.#note(isRed, reason);
      return isRed ? { ok: false, reason } : { ok: true };
    } catch (error) {
      return { ok: false, reason: error instanceof Error ? error.message : String(error) };
    }
  }

  #note(isRed: boolean, reason: string): void {
    if (isRed === this.#wasRed) return;
    this.#wasRed = isRed;
    if (isRed) this.#log('warn', reason);
    else this.#log('info', 'Elasticsearch is not red any more.');
  }
}
