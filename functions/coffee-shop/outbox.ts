// Messages that must go out once what they tell about is kept: written in the same transaction, so that no crash comes between.
import type { DatabaseSync } from 'node:sqlite';

export interface Message<T> {
  readonly id: string;
  readonly content: T;
}

export interface Outbox<T> {
  add(message: Message<T>): void;
  /** The oldest messages that nobody is sending, at most `AT_ONCE`; they are the caller's to send. */
  take(now: number): Message<T>[];
  /** It has been sent. */
  remove(id: string): void;
  /** It could not be sent: the next one to look may try. */
  release(id: string): void;
}

/** After this a sender counts as dead. Longer than a request may take, so that a message is rarely sent twice. */
const CLAIM_MS = 10_000;
/** So that a backlog takes no request over its time. */
const AT_ONCE = 50;

export function openOutbox<T>(database: DatabaseSync): Outbox<T> {
  database.exec(
    'CREATE TABLE IF NOT EXISTS outbox (id TEXT PRIMARY KEY, content TEXT NOT NULL, claimed_until INTEGER NOT NULL) STRICT',
  );
  const insert = database.prepare('INSERT INTO outbox VALUES (?, ?, 0)');
  const claim = database.prepare(`
    UPDATE outbox SET claimed_until = ?1
    WHERE rowid IN (SELECT rowid FROM outbox WHERE claimed_until <= ?2 ORDER BY rowid LIMIT ${AT_ONCE})
    RETURNING rowid AS place, id, content
  `);
  const remove = database.prepare('DELETE FROM outbox WHERE id = ?');
  const release = database.prepare('UPDATE outbox SET claimed_until = 0 WHERE id = ?');
  return {
    add: ({ id, content }) => void insert.run(id, JSON.stringify(content)),
    take: now =>
      claim
        .all(now + CLAIM_MS, now)
        .sort((one, other) => Number(one.place) - Number(other.place))
        .map(({ id, content }) => ({ id: String(id), content: JSON.parse(String(content)) })),
    remove: id => void remove.run(id),
    release: id => void release.run(id),
  };
}
