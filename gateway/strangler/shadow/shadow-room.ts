// Bounds what shadowing may hold and do at the same time, so that a new side that hangs costs
// neither memory nor places.

export interface ShadowRoom {
  /** Whether one more request may be watched at all. */
  isFull(): boolean;
  /** Takes room for that many bytes; false when there is none, and then nothing is taken. */
  take(bytes: number): boolean;
  giveBack(bytes: number): void;
  /** Takes one of the places of calls under way; false when there is none. */
  enter(): boolean;
  leave(): void;
}

export interface RoomLimits {
  readonly bytes: number;
  readonly calls: number;
}

export function createShadowRoom({ bytes, calls }: RoomLimits): ShadowRoom {
  let held = 0;
  let underWay = 0;
  return {
    isFull: () => underWay >= calls || held >= bytes,
    take(more) {
      if (held + more > bytes) return false;
      held += more;
      return true;
    },
    giveBack(less) {
      held -= less;
    },
    enter() {
      if (underWay >= calls) return false;
      underWay++;
      return true;
    },
    leave() {
      underWay--;
    },
  };
}
