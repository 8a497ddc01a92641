// Gathers the differences of two answers by place: how often in this pair, how often in more than
// the value, and one example of each.
import { isSameForm } from './form.ts';

export interface Difference {
  /** `status`, `header content-type`, `body`, or the pointer of a place in the body. */
  readonly at: string;
  readonly legacy: unknown;
  readonly fresh: unknown;
}

/** The differences at one place; those of all items of a list are one place. */
export interface Finding {
  readonly first: Difference;
  /** Values that differ. */
  count: number;
  /** Differences in form as well, such as a text where there was a number. */
  forms: number;
}

/** More different places in one answer are one: that of everything beyond. */
const MAX_PLACES = 512;
export const BEYOND = 'more places than can be told apart';

export class Findings {
  readonly places = new Map<string, Finding>();
  /** One side is neither text nor a structure: any difference is one of all its bytes. */
  opaque = false;

  add(at: string, legacy: unknown, fresh: unknown, count = 1): void {
    let place = placeOf(at);
    if (!this.places.has(place) && this.places.size >= MAX_PLACES) place = BEYOND;
    const found = this.places.get(place);
    const forms = isSameForm(legacy, fresh) ? 0 : 1;
    if (!found) {
      this.places.set(place, { first: { at, legacy, fresh }, count, forms });
      return;
    }
    found.count += count;
    found.forms += forms;
  }
}

/**
 * `/items/3/at` and `/items/4/at` are one place. A place is one line, whatever members are called.
 */
function placeOf(at: string): string {
  return at.replace(/\/[0-9]+(?=\/|$)/g, '/*').replaceAll('\n', '\\n');
}
