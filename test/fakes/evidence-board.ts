// What gateways tell each other of features, in memory: as a store has it, without ends of time.
import type { EvidenceBoard, EvidenceReport } from '../../gateway/strangler/evidence/peer-gateways.ts';

export function createEvidenceBoard() {
  const rows = new Map<string, EvidenceReport>();
  const board = { away: false };
  const reach = async () => {
    if (board.away) throw new Error('The store is away.');
  };
  return Object.assign(board, {
    rows,
    async tell(feature: string, told: EvidenceReport) {
      await reach();
      rows.set(`${feature}\n${told.by}`, told);
    },
    async read(feature: string) {
      await reach();
      return [...rows].filter(([key]) => key.startsWith(`${feature}\n`)).map(([, told]) => told);
    },
  } satisfies EvidenceBoard & { rows: unknown });
}
