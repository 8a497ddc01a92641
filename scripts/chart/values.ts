// Reads values.yaml with its comments: "# -- TEXT" describes a value, "# @schema YAML" narrows it.
import { isMap, isScalar, LineCounter, parse, parseDocument, type YAMLMap } from 'yaml';

export type Schema = Readonly<Record<string, unknown>>;

export interface Value {
  /** The path from the root, such as `['image', 'tag']`. */
  readonly path: readonly string[];
  readonly default: unknown;
  /** Undefined for a group without a description of its own. */
  readonly description: string | undefined;
  readonly schema: Schema | undefined;
  /** The values of a group; undefined of a value. */
  readonly members: readonly Value[] | undefined;
}

const DESCRIPTION = /^\s*# -- (.*)$/;
const SCHEMA = /^\s*# @schema (.*)$/;

/** The values at the top. Throws where one of them is not described. */
export function readValues(text: string): Value[] {
  const lines = text.split('\n');
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter });
  if (document.errors.length > 0 || !isMap(document.contents)) throw new Error(`values.yaml: ${document.errors[0]}`);
  return membersOf(document.contents, []);

  function membersOf(map: YAMLMap, above: readonly string[]): Value[] {
    return map.items.map(({ key, value }): Value => {
      if (!isScalar(key) || !key.range) throw new Error(`values.yaml: a key of ${above.join('.')} is no text`);
      const path = [...above, String(key.value)];
      const comments = commentsAbove(counter.linePos(key.range[0]).line);
      const description = comments.map(line => DESCRIPTION.exec(line)?.[1]).find(found => found !== undefined);
      const schema = comments.map(line => SCHEMA.exec(line)?.[1]).find(found => found !== undefined);
      // A described value is one value, also where it is made of several.
      const members = isMap(value) && description === undefined ? membersOf(value, path) : undefined;
      if (members === undefined && description === undefined)
        throw new Error(`values.yaml: say with "# -- …" what ${path.join('.')} is for`);
      return {
        path,
        default: document.getIn(path, true) === undefined ? undefined : toJs(value),
        description,
        schema: schema === undefined ? undefined : parse(`{ ${schema} }`),
        members,
      };
    });
  }

  function commentsAbove(line: number): string[] {
    const found: string[] = [];
    for (let at = line - 2; at >= 0 && /^\s*#/.test(lines[at] ?? ''); at -= 1) found.unshift(lines[at] ?? '');
    return found;
  }
  function toJs(node: unknown): unknown {
    return node === null ? null : (node as { toJSON(): unknown }).toJSON();
  }
}
