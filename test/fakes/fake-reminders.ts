// Reminders that are given when a test says so: after it has made a store forget.
import type { Reminders } from '../../drivers/store/reminders.ts';

export function createFakeReminders() {
  const kept: Parameters<Reminders['remember']>[1][] = [];
  const reminders: Reminders = { remember: (_, write) => void kept.push(write), close: async () => {} };
  return {
    reminders,
    /** `agoMs` after it was told. */
    async remind(agoMs = 0) {
      for (const tell of kept) await tell(agoMs);
    },
  };
}
