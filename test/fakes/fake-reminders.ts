// Reminders that are given when a test says so: after it has made a store forget.
import type { Reminders } from '../../drivers/store/reminders.ts';

export function createFakeReminders() {
  const kept: (() => Promise<unknown>)[] = [];
  const reminders: Reminders = { remember: (_, write) => void kept.push(write), close: async () => {} };
  return {
    reminders,
    async remind() {
      for (const tell of kept) await tell();
    },
  };
}
