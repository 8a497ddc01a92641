// Names for completion, also out of a running platform; silence when there is none, since a
// prompt is no place for errors.
import type { AdminClient } from '../platform/admin-client.ts';
import { scheduleNameOf } from '../schedules/schedule-name.ts';
import type { Terminal } from '../terminal.ts';
import type { Candidate, Names } from './answer.ts';

/** A person waits at the prompt. */
const TIMEOUT_MS = 500;

export function completionNames(terminal: Terminal): Names {
  const ask = async (question: (client: AdminClient) => Promise<readonly Candidate[]>) => {
    try {
      const [{ createAdminClient }, { findPlatform }] = await Promise.all([
        import('../platform/admin-client.ts'),
        import('../platform/find-platform.ts'),
      ]);
      return await question(createAdminClient(await findPlatform({}, terminal), TIMEOUT_MS));
    } catch {
      return [];
    }
  };
  return {
    kinds: async () => (await import('./kind-candidates.ts')).kindCandidates(),
    functions: () =>
      ask(async client =>
        (await client.functions({})).items.map(each => ({ value: each.name, description: each.state })),
      ),
    resources: kind =>
      ask(async client =>
        (await client.resources({ kind })).items.map(each => ({ value: each.name, description: each.kind })),
      ),
    schedules: () =>
      ask(async client =>
        (await client.schedules({})).items.map(each => ({ value: scheduleNameOf(each), description: each.cron })),
      ),
  };
}
