// Operations that end at once, for tests of what asks for them.
import type { ItemResult, OperationPlan, OperationRequest } from '../../admin/commands/operation-view.ts';
import { noEvents } from '../../admin/no-events.ts';

export function createFakeOperations() {
  const asked: OperationRequest[] = [];
  const fake = {
    ...noEvents.operations,
    asked,
    started: [] as string[],
    failed: [] as ItemResult[],
    /** Of the next plan, and of how it ends. */
    next: { total: 250, notes: [] as string[] },
    plan: async (request: OperationRequest): Promise<OperationPlan> => {
      asked.push(request);
      return { ...fake.report('planned'), token: '5d41402abc4b2a76' };
    },
    start: async ({ id }: { readonly id: string }, token: string) => {
      fake.started.push(`${id} ${token}`);
      return fake.report('running');
    },
    read: async () => fake.report('done'),
    items: async () => ({ items: fake.failed }),
    report(state: OperationPlan['state']) {
      const request = asked.at(-1);
      const { total, notes } = fake.next;
      const refused = fake.failed.length;
      const isDone = state === 'done';
      const counts = {
        done: isDone ? total - refused : 0,
        refused: isDone ? refused : 0,
        inDoubt: 0,
        left: isDone ? 0 : total,
      };
      const consumer = request?.consumer ?? ({ kind: 'Subscription', namespace: 'default', name: 'wall' } as const);
      const at = '2026-11-30T10:00:00.000Z';
      const times = { plannedAt: at, startBy: at, keptUntil: at };
      const id = '2026-11-30-1f0c9a3e';
      return {
        id,
        action: request?.action ?? 'redrive',
        consumer,
        state,
        total,
        sample: ['0-1'],
        notes,
        ...counts,
        ...times,
      };
    },
  };
  return fake;
}
