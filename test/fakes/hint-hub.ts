// Hints between processes that a test makes in its own; with `lost` none arrives.
import type { Hints } from '../../drivers/store/hints.ts';

export interface HintHub {
  lost: boolean;
  /** All that were told. */
  readonly told: string[];
  /** One more process. */
  join(): Hints;
}

export function createHintHub(): HintHub {
  const members = new Set<(channel: string, message: string) => void>();
  const hub: HintHub = {
    lost: false,
    told: [],
    join() {
      const listeners = new Set<{ channel: string; hear: (message: string) => void }>();
      const receive = (channel: string, message: string) => {
        for (const each of [...listeners]) if (each.channel === channel) each.hear(message);
      };
      members.add(receive);
      return {
        tell(channel, message) {
          hub.told.push(`${channel}: ${message}`);
          if (hub.lost) return;
          for (const member of members) if (member !== receive) member(channel, message);
        },
        listen(channel, hear) {
          const entry = { channel, hear };
          listeners.add(entry);
          return () => void listeners.delete(entry);
        },
        close: async () => void members.delete(receive),
      };
    },
  };
  return hub;
}
