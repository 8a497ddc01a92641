// A promise that did not hold, by the letter that FAULTS and the docs of the dispatcher give it.

export class Broken extends Error {
  override readonly name = 'Broken';
  readonly promise: string;

  /** `promise`: e.g. `order`, `loss`. */
  constructor(promise: string, message: string) {
    super(`${promise}: ${message}`);
    this.promise = promise;
  }
}
