// The board on which gateways share their evidence about features: a row for each gateway and
// feature in the store.
import * as z from 'zod';
import type { EvidenceBoard, EvidenceReport } from '../../gateway/strangler/evidence/peer-gateways.ts';
import type { PresenceStore } from './presence.ts';

export interface SharedEvidence extends EvidenceBoard {
  /** Tells the others that they need not wait for this process any more. */
  close(): Promise<void>;
}

const SCOPE = 'stranglers';
const TABLE = 'evidence';
const PAGE = 1_000;

const count = z.number().min(0);
const told = z.object({
  by: z.string(),
  turn: z.number(),
  about: z.string(),
  figures: z.object({
    requests: count,
    failed: count,
    compared: count,
    measured: count,
    uncompared: count,
    mismatched: count,
    masked: count,
  }),
  rates: z.record(z.string(), z.tuple([count, count, count, count, count])).optional(),
  ended: z.boolean(),
});

export function createSharedEvidence(store: Pick<PresenceStore, 'scan' | 'apply'>): SharedEvidence {
  const last = new Map<string, { readonly feature: string; readonly told: EvidenceReport; readonly keepMs: number }>();
  const put = async (feature: string, one: EvidenceReport, keepMs: number) => {
    const key = `${feature}\n${one.by}`;
    if (one.ended) last.delete(key);
    else last.set(key, { feature, told: one, keepMs });
    await store.apply(SCOPE, [{ kind: 'put-row', table: TABLE, key, value: JSON.stringify(one), ttlMs: keepMs }]);
  };
  return {
    tell: put,
    async read(feature) {
      const found: EvidenceReport[] = [];
      let after: string | undefined;
      do {
        const page = await store.scan(SCOPE, TABLE, { prefix: [`${feature}\n`], limit: PAGE, after });
        found.push(...page.rows.map(({ key, value }) => parse(key, value)));
        after = page.next;
      } while (after !== undefined);
      return found;
    },
    async close() {
      const ends = [...last.values()].map(({ feature, told: one, keepMs }) =>
        put(feature, { ...one, turn: one.turn + 1, ended: true }, keepMs),
      );
      await Promise.allSettled(ends);
    },
  };
}

/** A row of another version shows only that its gateway is there, which holds promotions up. */
function parse(key: string, value: Uint8Array): EvidenceReport {
  try {
    return told.parse(JSON.parse(Buffer.from(value).toString()));
  } catch {
    return { by: key.slice(key.indexOf('\n') + 1), turn: 0, about: '', figures: NONE, ended: false };
  }
}

const NONE = { requests: 0, failed: 0, compared: 0, measured: 0, uncompared: 0, mismatched: 0, masked: 0 };
