// The notes module seen from the serving thread.
import { realWorld } from '../../../core/world.ts';
import type { Database } from '../../../drivers/sqlite/database.ts';
import { type DatabaseOptions, openDatabase } from '../../../drivers/sqlite/open-database.ts';
import type { NoteRequest } from './notes-thread.ts';

export interface Notes {
  readonly database: Database;
  write(request: NoteRequest, bytes?: number): Promise<unknown>;
  put(key: string, value?: string): Promise<unknown>;
  read(request?: NoteRequest, long?: boolean): Promise<{ readonly keys: string[]; readonly commits: number }>;
}

export async function openNotes(file: string, options: Partial<DatabaseOptions> = {}): Promise<Notes> {
  const thread = new URL('./notes-thread.ts', import.meta.url);
  const database = await openDatabase({ world: realWorld, file, thread, ...options });
  const client = database.client('notes', 'store-unavailable');
  const write = (request: NoteRequest, bytes = 100) =>
    client.write(
      bytes,
      out => out.json(request),
      reply => reply.json<unknown>(),
    );
  return {
    database,
    write,
    put: (key, value = '') => write({ do: 'put', key, value }),
    read: (request = { do: 'work', ms: 0 }, long = false) =>
      client.read(
        out => out.json(request),
        reply => reply.json<{ keys: string[]; commits: number }>(),
        long,
      ),
  };
}
