// Names for completion out of a running platform; silence when there is none, since a prompt is no place for errors.
import { createAdminClient } from '../platform/admin-client.ts';
import { findPlatform } from '../platform/find-platform.ts';
import type { Terminal } from '../terminal.ts';
import type { Candidate, LiveNames } from './answer.ts';

/** A person waits at the prompt. */
const TIMEOUT_MS = 500;

export function liveNames(terminal: Terminal): LiveNames {
  const ask = async (question: (client: ReturnType<typeof createAdminClient>) => Promise<readonly Candidate[]>) => {
    try {
      return await question(createAdminClient(await findPlatform({}, terminal), TIMEOUT_MS));
    } catch {
      return [];
    }
  };
  return {
    functions: () =>
      ask(async client =>
        (await client.functions({})).items.map(each => ({ value: each.name, description: each.state })),
      ),
    resources: kind =>
      ask(async client =>
        (await client.resources({ kind })).items.map(each => ({ value: each.name, description: each.kind })),
      ),
  };
}
