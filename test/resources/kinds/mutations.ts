// Documents that are each wrong, or merely different, in one place: every value of another type,
// every member missing or unknown.

// biome-ignore lint/suspicious/noExplicitAny: documents are changed in ways that their types forbid
type Json = any;

export interface Mutation {
  /** What was changed, for messages. */
  readonly change: string;
  readonly document: Json;
}

const REPLACEMENTS: readonly unknown[] = [{ unexpected: 1 }, ['unexpected'], true, 0.5, ''];

export function* mutationsOf(document: Json): Generator<Mutation> {
  for (const path of [[], ...pathsIn(document.spec)]) {
    const where = ['spec', ...path].join('.');
    const object = at(document.spec, path);
    if (typeof object === 'object' && !Array.isArray(object)) {
      yield mutation(`${where}.tiemout is unknown`, spec => Object.assign(at(spec, path), { tiemout: '5s' }));
    }
    if (path.length === 0) continue;
    yield mutation(`${where} is missing`, spec => remove(spec, path));
    for (const value of REPLACEMENTS) {
      yield mutation(`${where} is ${JSON.stringify(value)}`, spec => put(spec, path, value));
    }
  }

  function mutation(change: string, apply: (spec: Json) => void): Mutation {
    const changed = structuredClone(document);
    apply(changed.spec);
    return { change, document: changed };
  }
}

function pathsIn(value: Json, path: readonly string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => [[...path, key], ...pathsIn(member, [...path, key])]);
}

function at(root: Json, path: readonly string[]): Json {
  return path.reduce((value, key) => value[key], root);
}

function put(root: Json, path: readonly string[], value: unknown): void {
  at(root, path.slice(0, -1))[path.at(-1) ?? ''] = value;
}

function remove(root: Json, path: readonly string[]): void {
  const parent = at(root, path.slice(0, -1));
  const key = path.at(-1) ?? '';
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else delete parent[key];
}
