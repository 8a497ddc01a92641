// A thread with a small module of its own, to test the engine without the log. The version of its
// schema is in the file's name.

import { workerData } from 'node:worker_threads';
import { TenfoldError } from '../../../core/errors.ts';
import type { SqliteModule } from '../../../drivers/sqlite/module.ts';
import { runThread } from '../../../drivers/sqlite/thread/thread.ts';

export type NoteRequest =
  | { readonly do: 'put'; readonly key: string; readonly value: string }
  | { readonly do: 'refuse' | 'break' | 'die' }
  | { readonly do: 'work'; readonly ms: number };

const notes: SqliteModule = {
  name: 'notes',
  migrations: [
    'CREATE TABLE notes (key TEXT PRIMARY KEY, value TEXT NOT NULL)',
    'ALTER TABLE notes ADD COLUMN more TEXT',
  ].slice(0, String(workerData.file).endsWith('v1.db') ? 1 : 2),
  smallTables: ['notes'],
  openWriter({ db }) {
    const put = db.prepare('INSERT INTO notes (key, value) VALUES (?, ?)');
    return {
      write(request, reply) {
        const what = request.json<NoteRequest>();
        switch (what.do) {
          case 'put':
            put.run(what.key, what.value);
            break;
          case 'refuse':
            put.run('of a refused request', '');
            throw new TenfoldError('conflict', 'refused by itself');
          case 'break':
            put.run('of a broken request', '');
            put.run('of a broken request', 'the key is taken');
            break;
          case 'die':
            process.exit(1);
            break;
          case 'work':
            work(what.ms);
        }
        reply.json('done');
      },
      rolledBack() {},
    };
  },
  openReader({ db }) {
    return {
      read(request, reply) {
        const what = request.json<NoteRequest>();
        if (what.do === 'work') work(what.ms);
        if (what.do === 'die') process.exit(1);
        const keys = db
          .prepare('SELECT key FROM notes ORDER BY key')
          .all()
          .map(row => row['key']);
        reply.json({ keys, commits: db.prepare('SELECT commits FROM tenfold_commits').get()?.['commits'] });
      },
    };
  },
};

function work(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

runThread([notes]);
