// Problems that the mistakes of an application hide: this checks the application without the
// mistakes, as it will be once they are mended.

import { API_VERSION } from '../../resources/kinds/index.ts';
import type { Kind } from '../../resources/kinds/kind-names.ts';
import { loadDocument } from '../../resources/load/load-text.ts';
import { formatPath } from '../../resources/load/path.ts';
import { sortProblems } from '../../resources/load/sort-problems.ts';
import { publicAlone } from '../../resources/ownership/listeners.ts';
import { type CheckContext, problemAt } from '../../resources/references/check.ts';
import { checkReferences } from '../../resources/references/checks.ts';
import type { Declared } from '../../resources/references/declared.ts';
import { type MarkedValue, markedValues } from '../../resources/references/marked-values.ts';
import { type AnyResource, type Path, type ResourceProblem, resourceKey } from '../../resources/resource.ts';
import { createResourceSet } from '../../resources/resource-set.ts';
import { type Compiling, compileAside } from './compile-aside.ts';
import type { Checked } from './load-paths.ts';
import { Mended } from './mend.ts';

const MAX_ROUNDS = 8;

export interface Surroundings extends Compiling, Partial<Pick<CheckContext, 'filesBeside'>> {}

/**
 * All of `checked.problems`, and what they hide. It leaves out problems that may
 * exist only because of them.
 */
export function withFurther(checked: Omit<Checked, 'texts'>, from: Surroundings = {}): ResourceProblem[] {
  const { resources, drafts, problems } = checked;
  const told = problems.some(isError) ? [...problems] : [...problems, ...compileAside(resources, from)];
  if (!told.some(isError)) return sortProblems(told);
  const declared: Declared[] = [...resources.all, ...drafts];
  const mended = declared.map((one, number) => new Mended(one, () => ({ file: String(number), line: 0, column: 0 })));
  const found = new Further(mended, told);
  found.lookBetween(from);
  found.compile(from);
  return sortProblems([...told, ...found.problems]);
}

class Further {
  readonly #mended: readonly Mended[];
  readonly #told: Set<string>;
  readonly problems: ResourceProblem[] = [];
  /** In place of what is not there: what leads to it is looked at all the same. */
  readonly #standIns = new Map<string, AnyResource>();

  constructor(mended: readonly Mended[], told: readonly ResourceProblem[]) {
    this.#mended = mended;
    this.#told = new Set(told.map(textOf));
    for (const one of mended) for (const { path, message } of one.hidden) this.#tell(one, path, 'value', message);
  }

  get #set() {
    return createResourceSet([...this.#mended.flatMap(({ resource }) => resource ?? []), ...this.#standIns.values()]);
  }

  /** Takes out what cannot be compiled, until nothing is left of that. */
  lookBetween({ filesBeside = () => undefined, listeners = publicAlone }: Surroundings): void {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      this.#standInForMissing();
      const changed = new Set<Mended>();
      for (const problem of checkReferences(this.#set, { filesBeside, listeners }).filter(isError)) {
        const one = this.#mended[Number(problem.file)];
        if (one === undefined) continue;
        const path = one.original(stepsOf(problem.path));
        if (isHarmless(path)) continue;
        if (!this.#isMarked(one, problem.path)) this.#tell(one, path, 'value', problem.message);
        one.remove(path);
        changed.add(one);
      }
      for (const one of changed) one.load();
      if (changed.size === 0) return;
    }
  }

  /** Again without what is found, as that can hide more. */
  compile(from: Surroundings): void {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      this.#standInForMissing();
      const changed = new Set<Mended>();
      for (const { file, path, severity, message } of compileAside(this.#set, from)) {
        const one = this.#mended[Number(file)];
        if (one === undefined || severity !== 'error') continue;
        const steps = stepsOf(path);
        const written = one.original(steps);
        if (!this.#leadsToPartial(one, steps)) this.#tell(one, written, 'key', message);
        if (isHarmless(written)) continue;
        one.remove(written);
        changed.add(one);
      }
      for (const one of changed) one.load();
      if (changed.size === 0) return;
    }
  }

  #tell(one: Mended, path: Path, part: 'key' | 'value', message: string): void {
    if (one.isShaken(path, message)) return;
    const problem = problemAt(one.of, path, { part, message });
    if (this.#told.has(textOf(problem))) return;
    this.#told.add(textOf(problem));
    this.problems.push(problem);
  }

  /**
   * Expressions and names were judged where they are written, with all
   * that is declared beside them.
   */
  #isMarked(one: Mended, path: string): boolean {
    return this.#marksOf(one).some(({ path: marked }) => path.startsWith(formatPath(marked)));
  }

  #marksOf({ resource }: Mended): MarkedValue[] {
    return resource ? markedValues<Declared>(resource) : [];
  }

  #standInForMissing(): void {
    const set = this.#set;
    for (const one of this.#mended) {
      for (const { kind, namespace, name } of this.#namesIn(one)) {
        const key = resourceKey(kind, namespace, name);
        if (set.get(kind, namespace, name) || this.#standIns.has(key)) continue;
        const made = standIn(kind, namespace, name);
        if (made) this.#standIns.set(key, made);
      }
    }
  }

  #namesIn(one: Mended) {
    const { namespace } = one.of.metadata;
    return this.#marksOf(one).flatMap(({ path, value, marks: { reference: kind } }) =>
      kind === undefined || typeof value !== 'string' ? [] : [{ kind, namespace, name: value, path }],
    );
  }

  /** Whether what is found at `path` may be about another resource of which not all is known. */
  #leadsToPartial(one: Mended, path: Path): boolean {
    return this.#namesIn(one)
      .filter(({ kind, path: named }) => LOOKED_INTO.has(kind) && path.every((step, index) => named[index] === step))
      .some(({ kind, namespace, name }) => {
        if (this.#standIns.has(resourceKey(kind, namespace, name))) return true;
        return this.#mended.some(
          ({ of, isPartial }) =>
            isPartial && of.kind === kind && of.metadata.name === name && of.metadata.namespace === namespace,
        );
      });
  }
}

/** A fault there keeps nothing from being compiled: missing files, routes that meet. */
function isHarmless(path: Path): boolean {
  const text = formatPath(path.filter(step => typeof step === 'string'));
  return ['spec.source', 'spec.graphql.schema'].includes(text) || text.endsWith('match.path');
}

/** Others only have to be there. */
const LOOKED_INTO = new Set<Kind>(['Aggregate', 'View', 'Topic']);

const SPECS: Readonly<Record<Kind, object>> = {
  Function: { url: 'http://absent.invalid' },
  Topic: {},
  Api: { routes: [{ match: { path: '/' }, to: { url: 'http://absent.invalid' } }] },
  Aggregate: { parts: { part: { to: { url: 'http://absent.invalid' } } }, response: { body: '${part.body}' } },
  Subscription: { topic: 'absent', to: { url: 'http://absent.invalid' } },
  Strangler: { legacy: { url: 'http://absent.invalid' } },
  Queue: { to: { url: 'http://absent.invalid' } },
  View: { from: [], table: { key: '${event.id}' } },
  Pipeline: { from: { topic: 'absent' }, to: [{ topic: 'absent' }] },
  FanOut: { on: { http: {} }, split: '${event.data}', worker: { url: 'http://absent.invalid' } },
};

function standIn(kind: Kind, namespace: string, name: string): AnyResource | undefined {
  const value = { apiVersion: API_VERSION, kind, metadata: { name, namespace }, spec: SPECS[kind] };
  const origin = { file: 'absent', line: 0, column: 0 };
  const loaded = loadDocument(kind, { value, origin, locate: () => origin });
  return 'resource' in loaded ? loaded.resource : undefined;
}

/** The steps of a path that `formatPath` wrote. */
function stepsOf(text: string): Path {
  return [...text.matchAll(/\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]|([^.[\]]+)/g)].map(([, index, quoted, word]) =>
    index !== undefined ? Number(index) : quoted !== undefined ? String(JSON.parse(quoted)) : (word ?? ''),
  );
}

function textOf({ file, line, column, path, message }: ResourceProblem): string {
  return JSON.stringify([file, line, column, path, message]);
}

function isError({ severity }: ResourceProblem): boolean {
  return severity === 'error';
}
