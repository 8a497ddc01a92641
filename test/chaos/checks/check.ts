// What is looked at when everything runs again: it must come to be as it should
// within a while, and stay so.
import type { Model } from '../model/model.ts';
import type { Site } from '../site/site.ts';
import type { Records } from './records.ts';

export interface Check {
  /** For people: what holds. */
  readonly name: string;
  /** What does not hold yet; empty in the end. */
  differences(): Promise<readonly string[]>;
}

/** What an installation is asked, whichever it is. */
export interface CheckedSite extends Pick<Site, 'namespace' | 'publicAddress'> {
  /** Asks its admin API. */
  admin(path: string): Promise<Response>;
}

export interface CheckSubject {
  readonly site: CheckedSite;
  readonly model: Model;
  readonly records: Pick<Records, 'of' | 'byPartition'>;
}

const SHOWN = 5;
const AGAIN_AFTER_MS = 250;

/**
 * Resolves with what still differs after that time, for people; undefined
 * when it is as it should be.
 */
export async function settles(check: Check, withinMs: number): Promise<string | undefined> {
  const end = performance.now() + withinMs;
  for (;;) {
    let differences: readonly string[];
    try {
      differences = await check.differences();
    } catch (error) {
      differences = [`it cannot be asked: ${error instanceof Error ? error.message : error}`];
    }
    if (differences.length === 0) return undefined;
    if (performance.now() > end)
      return `${check.name}: ${differences.length} differ: ${differences.slice(0, SHOWN).join('; ')}`;
    await new Promise(resolve => setTimeout(resolve, AGAIN_AFTER_MS));
  }
}
