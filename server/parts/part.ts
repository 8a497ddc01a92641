// A part of a process: it starts from what earlier parts give, and stops.

/** Earlier parts give it `Needs`, and it gives `Gives` to later ones. */
export interface Part<Needs extends object, Gives extends object> {
  readonly name: string;
  /** A start that fails leaves nothing open of its own. */
  readonly start: (given: Needs) => Gives | Promise<Gives>;
  /** Tells clients that it ends soon, and goes on as before. */
  readonly drain?: (own: Needs & Gives) => void;
  /** `graceMs` is what is left of the time in which all parts are to end. */
  readonly stop?: (own: Needs & Gives, graceMs: number) => Promise<void> | void;
}
