// People who redrive dead letters while everything breaks, and let held keys go on,
// without what will never succeed.
import { setTimeout as pause } from 'node:timers/promises';
import { type Consumer, commandLetters, deadLettersOf, lagOf, type SeenLetter } from '../checks/dead-letters.ts';
import { mendedCheck } from '../checks/mended.ts';
import { createMended, type Failing, type Mended } from '../model/mended.ts';
import { type Clients, each, type Use } from './use.ts';
import type { UseSite } from './use-site.ts';

const LOOK_EVERY_MS = 1500;
const FINISH_EVERY_MS = 300;
const FINISHED_WITHIN_MS = 5 * 60_000;

export function mendedUse(name: 'mended' | 'held', failing: Failing): Use {
  const consumer: Consumer = { kind: 'Subscription', name };
  const mended = createMended(failing);
  let redriven = 0;
  const letGo = async (site: UseSite, worker: number) => {
    const { hopeful, stuck } = await letGoOn(site, consumer, mended, worker);
    redriven += hopeful;
    return hopeful + stuck;
  };
  return {
    handlers: { [name]: mended.handler },
    clients: given => [
      // Whoever is asked may be broken: then another one is asked the next time.
      each(given, LOOK_EVERY_MS, async number => void (await letGo(given.site, number).catch(() => {}))),
    ],
    finish: given => letAllGoOn(given, consumer, letGo),
    figures: () => `${redriven} redriven of ${name}`,
    checks: subject => [mendedCheck(subject, consumer, mended)],
  };
}

/** Answers with how many were redriven, and how many skipped. */
async function letGoOn(site: UseSite, consumer: Consumer, mended: Mended, worker: number) {
  const letters = await deadLettersOf(site, consumer, worker);
  const isHopeless = ({ eventId }: SeenLetter) => mended.isHopeless(eventId);
  const hopeful = letters.filter(letter => !isHopeless(letter));
  const stuck = letters.filter(letter => letter.held && isHopeless(letter));
  for (const { eventId } of stuck) mended.skips(eventId);
  await commandLetters(
    site,
    consumer,
    'redrive',
    hopeful.map(({ id }) => id),
    worker,
  );
  await commandLetters(
    site,
    consumer,
    'skip',
    stuck.map(({ id }) => id),
    worker,
  );
  return { hopeful: hopeful.length, stuck: stuck.length };
}

/** Until none is left, and no further ones come. */
async function letAllGoOn(
  { site, signal }: Clients,
  consumer: Consumer,
  letGo: (site: UseSite, worker: number) => Promise<number>,
): Promise<void> {
  const end = performance.now() + FINISHED_WITHIN_MS;
  for (let worker = 0; performance.now() < end; worker++) {
    const waiting = await letGo(site, worker).catch(() => 1);
    if (waiting === 0 && (await lagOf(site, consumer).catch(() => undefined)) === 0) return;
    await pause(FINISH_EVERY_MS, undefined, { signal });
  }
}
