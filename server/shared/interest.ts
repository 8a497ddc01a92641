// The subjects that other processes want news of. Processes that change thousands of things a
// second then send only news that somebody waits for.
import type { Timer, World } from '../../core/world.ts';
import type { Hints } from '../../drivers/store/hints.ts';

export interface Interest {
  /** Asks for news for so long. Cheap: the others get a repeated request only now and then. */
  want(subject: string, forMs: number): void;
  /** Asks for news until the returned function is called. */
  hold(subject: string): () => void;
  /** Whether some other process wants to hear of it. */
  isWanted(subject: string): boolean;
  close(): void;
}

/** The time for which a request counts, and the interval of its repeats. */
const KEPT_MS = 10_000;
const AGAIN_MS = 3_000;
/** Beyond this number, expired requests are removed. */
const MANY = 1_000;

/** `subject` has no line breaks. */
export function createInterest(world: World, hints: Hints, channel: string): Interest {
  const told = new Map<string, number>();
  const held = new Map<string, number>();
  const until = new Map<string, number>();
  const wanted = new Map<string, number>();
  let timer: Timer | undefined;

  const deaf = hints.listen(channel, message => {
    const end = world.monotonic() + KEPT_MS;
    for (const subject of message.split('\n')) wanted.set(subject, end);
    if (wanted.size > MANY) forgetBefore(wanted, world.monotonic());
  });

  const say = (subject: string) => {
    const now = world.monotonic();
    if (now - (told.get(subject) ?? Number.NEGATIVE_INFINITY) < AGAIN_MS) return;
    told.set(subject, now);
    if (told.size > MANY) forgetBefore(told, now - AGAIN_MS);
    hints.tell(channel, subject);
  };

  /** Runs also when no new caller comes. */
  const repeat = () => {
    timer ??= world.after(AGAIN_MS, () => {
      timer = undefined;
      const now = world.monotonic();
      forgetBefore(until, now);
      const subjects = [...new Set([...held.keys(), ...until.keys()])];
      if (subjects.length === 0) return;
      for (const subject of subjects) told.set(subject, now);
      hints.tell(channel, subjects.join('\n'));
      repeat();
    });
  };

  return {
    want(subject, forMs) {
      until.set(subject, Math.max(until.get(subject) ?? 0, world.monotonic() + forMs));
      say(subject);
      repeat();
    },
    hold(subject) {
      held.set(subject, (held.get(subject) ?? 0) + 1);
      say(subject);
      repeat();
      return () => {
        const left = (held.get(subject) ?? 1) - 1;
        if (left === 0) held.delete(subject);
        else held.set(subject, left);
      };
    },
    isWanted: subject => (wanted.get(subject) ?? 0) > world.monotonic(),
    close() {
      timer?.cancel();
      deaf();
    },
  };
}

function forgetBefore(times: Map<string, number>, time: number): void {
  for (const [subject, at] of times) if (at < time) times.delete(subject);
}
