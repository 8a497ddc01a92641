// The outbox: what is kept is announced, whatever happens to those who announce it.
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { inTransaction } from '../database.ts';
import { openOutbox } from '../outbox.ts';

const idsOf = (messages: readonly { id: string }[]) => messages.map(({ id }) => id);

function outboxWith(...ids: string[]) {
  const database = new DatabaseSync(':memory:');
  const outbox = openOutbox<string>(database);
  for (const id of ids) outbox.add({ id, content: `about ${id}` });
  return { database, outbox };
}

describe('an outbox', () => {
  it('gives each message to one sender, oldest first', () => {
    const { outbox } = outboxWith('b', 'a');
    assert.deepEqual(outbox.take(0), [
      { id: 'b', content: 'about b' },
      { id: 'a', content: 'about a' },
    ]);
    assert.deepEqual(outbox.take(0), []);
  });

  it('gives it to the next one when the sender failed, or is not heard of for ten seconds', () => {
    const { outbox } = outboxWith('failed', 'sent', 'silent');
    outbox.take(0);
    outbox.release('failed');
    outbox.remove('sent');
    assert.deepEqual(idsOf(outbox.take(9_999)), ['failed']);
    assert.deepEqual(idsOf(outbox.take(10_000)), ['silent']);
  });

  it('gives no more at once than can be sent in time', () => {
    const { outbox } = outboxWith(...Array.from({ length: 60 }, (_, index) => `${index}`));
    assert.equal(outbox.take(0).length, 50);
    assert.equal(outbox.take(0).length, 10);
  });

  it('keeps nothing of what was rolled back', () => {
    const { database, outbox } = outboxWith();
    const failing = () =>
      inTransaction(database, () => {
        outbox.add({ id: 'a', content: '' });
        throw new Error('the disk is full');
      });
    assert.throws(failing, /the disk is full/);
    assert.deepEqual(outbox.take(0), []);
  });
});
