// The parts of a process, which start one after the other.
import type { Part } from './part.ts';
import type { RunningParts } from './running-parts.ts';

/** All parts together give `Given`. The compiler refuses a part that needs more. */
export class PartList<Given extends object> {
  readonly names: readonly string[];
  readonly #start: (running: RunningParts) => Promise<Given>;

  private constructor(names: readonly string[], start: (running: RunningParts) => Promise<Given>) {
    this.names = names;
    this.#start = start;
  }

  /** A list without parts; `given` is there before the first of them. */
  static of<Given extends object>(given: Given): PartList<Given> {
    return new PartList([], async () => given);
  }

  with<Gives extends object>(part: Part<Given, Gives>): PartList<Given & Gives> {
    return new PartList([...this.names, part.name], async running => running.start(part, await this.#start(running)));
  }

  /** Adds parts that give nothing to those after them. There may be none. */
  withEach<Gives extends object>(parts: readonly Part<Given, Gives>[]): PartList<Given> {
    return new PartList([...this.names, ...parts.map(({ name }) => name)], async running => {
      const given = await this.#start(running);
      for (const part of parts) await running.start(part, given);
      return given;
    });
  }

  /** Rejects as the first part that does not start. The caller then stops `running`. */
  start(running: RunningParts): Promise<Given> {
    return this.#start(running);
  }
}
