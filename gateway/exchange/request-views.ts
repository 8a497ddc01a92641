// The view of a request that expressions get: all that the client sent, or only what its target may
// know.
import { createVariables, type RequestVariables, type VariableSource } from './variables.ts';

/** A class, as every exchange has one. */
export class RequestViews {
  readonly #source: VariableSource;
  #client: RequestVariables | undefined;
  #target: RequestVariables | undefined;

  constructor(source: VariableSource) {
    this.#source = source;
  }

  /** For results that this client alone gets. */
  get ofClient(): RequestVariables {
    this.#client ??= createVariables(this.#source);
    return this.#client;
  }

  /** For values that the target gets. */
  get ofTarget(): RequestVariables {
    return this.#target ?? this.ofClient;
  }

  /** From now on the target may know of no other header than `fields`, by expressions neither. */
  narrow(fields: readonly string[]): void {
    const { head, params, claims, consumer, parsedBody } = this.#source;
    this.#target = createVariables({ head: { ...head, fields: [...fields] }, params, claims, consumer, parsedBody });
  }

  /** Parameters of the path have changed. */
  forget(): void {
    this.#client = undefined;
    this.#target = undefined;
  }
}
