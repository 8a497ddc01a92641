// Callers who never pause while something is changed, and what each of them was answered.
import assert from 'node:assert/strict';
import { Agent, request } from 'undici';
import { eventually } from '../../eventually.ts';

export interface Callers {
  /** How many calls were answered with a text that holds this. */
  answered(text: string): number;
  /**
   * What all other calls were answered, or why they were not. All who still
   * wait get their answer first.
   */
  leave(): Promise<readonly string[]>;
}

const AT_ONCE = 4;
const PAUSE_MS = 20;

/** Each calls again as soon as it was answered 200, over connections that are kept. */
function letCall(url: string): Callers {
  const dispatcher = new Agent({ connections: AT_ONCE });
  const texts = new Map<string, number>();
  const failed: string[] = [];
  let leaving = false;
  const callOn = async () => {
    while (!leaving) {
      try {
        const answer = await request(url, { dispatcher, headersTimeout: 60_000 });
        const text = await answer.body.text();
        if (answer.statusCode === 200) texts.set(text, (texts.get(text) ?? 0) + 1);
        else failed.push(`${new Date().toISOString()} ${answer.statusCode} ${text}`);
      } catch (error) {
        failed.push(`${new Date().toISOString()} ${error}`);
      }
      await new Promise(resolve => setTimeout(resolve, PAUSE_MS));
    }
  };
  const all = Promise.all(Array.from({ length: AT_ONCE }, callOn));
  return {
    answered: part => [...texts].reduce((sum, [text, count]) => sum + (text.includes(part) ? count : 0), 0),
    async leave() {
      leaving = true;
      await all;
      await dispatcher.close();
      return failed;
    },
  };
}

/** Waits for as many more answers that hold `text`. */
export async function moreOf(callers: Callers, text: string, count: number, withinMs = 2 * 60_000): Promise<void> {
  const enough = callers.answered(text) + count;
  await eventually(() => callers.answered(text) >= enough, `${count} more answers with ${text}`, withinMs);
}

/** From now on `one` answers: of the others only calls under way. */
export async function onlyBy(callers: Callers, one: string, other: string): Promise<void> {
  const before = callers.answered(other);
  await moreOf(callers, one, 40);
  assert.ok(callers.answered(other) - before <= AT_ONCE, `calls go to ${one} alone`);
}

/** Nobody is refused, whatever `changes` does meanwhile. */
export async function whileCalling(url: string, changes: (callers: Callers) => Promise<unknown>): Promise<void> {
  const callers = letCall(url);
  let failed: readonly string[] = [];
  try {
    await changes(callers);
  } finally {
    failed = await callers.leave();
  }
  // Not where the changes failed: that is what is told then.
  assert.deepEqual(failed.slice(0, 5), [], `${failed.length} failed`);
}
