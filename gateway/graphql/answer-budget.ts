// How large the answer to one query may become: counted while it is resolved, as nobody can say
// before how long the lists of a target are.
import type { FieldNode, GraphQLError, GraphQLResolveInfo, SelectionSetNode } from 'graphql';
import type { Library } from './library.ts';

export interface AnswerLimits {
  /** Fields of the answer, items of lists of plain values among them. */
  readonly maxFields: number;
  /** Bytes of the answer, about. */
  readonly maxBytes: number;
}

/** Bytes of a field beside its name and value: quotes, colon and comma. */
const FIELD_BYTES = 4;
/** Bytes of a number, a boolean or null. */
const PLAIN_BYTES = 4;

interface Size {
  readonly fields: number;
  readonly bytes: number;
}

/**
 * Each field pays for all that is below it, one level down, before that is begun: a list of a
 * thousand items with five fields pays five thousand. So no more is ever begun than is paid for,
 * although the library goes through a list without looking up.
 */
export class AnswerBudget {
  readonly #library: Library;
  readonly #limits: AnswerLimits;
  #fields = 0;
  #bytes = 0;
  #refusal: GraphQLError | undefined;
  /**
   * Sizes of lists and objects that are plain values, each of which may stand in the answer many
   * times.
   */
  readonly #sizes = new WeakMap<object, Size>();
  readonly #selected = new WeakMap<readonly FieldNode[], number>();

  constructor(library: Library, limits: AnswerLimits) {
    this.#library = library;
    this.#limits = limits;
  }

  /** Why there is no answer; undefined as long as all fits. */
  get refusal(): GraphQLError | undefined {
    return this.#refusal;
  }

  /** Throws when the value of the field, with its selected members, does not fit any more. */
  charge(value: unknown, info: GraphQLResolveInfo): void {
    if (this.#refusal) throw this.#refusal;
    const type = this.#library.getNamedType(info.returnType);
    const isPlain = this.#library.isLeafType(type);
    const size = isPlain ? this.#sizeOf(value) : { fields: itemsIn(value) * this.#selectedBelow(info), bytes: 0 };
    // The field itself was counted with its parent.
    this.#fields += isPlain ? size.fields - 1 : size.fields;
    this.#bytes += size.bytes + String(info.path.key).length + FIELD_BYTES;
    const { maxFields, maxBytes } = this.#limits;
    if (this.#fields > maxFields) throw this.#refuse(`more than ${maxFields} fields`);
    if (this.#bytes > maxBytes) throw this.#refuse(`more than ${maxBytes} bytes`);
  }

  #refuse(what: string): GraphQLError {
    this.#refusal = new this.#library.GraphQLError(
      `The answer would have ${what}, which is the limit here. Ask for fewer fields, or for shorter lists.`,
      { extensions: { code: 'invalid-input' } },
    );
    return this.#refusal;
  }

  /**
   * Fields that are asked of each item, as they are written; those of fragments for every
   * type that they may be of.
   */
  #selectedBelow({ fieldNodes, fragments }: GraphQLResolveInfo): number {
    const before = this.#selected.get(fieldNodes);
    if (before !== undefined) return before;
    const counted = new Map<string, number>();
    const count = (set: SelectionSetNode | undefined): number =>
      (set?.selections ?? []).reduce((sum, selection) => {
        if (selection.kind === 'Field') return sum + 1;
        if (selection.kind === 'InlineFragment') return sum + count(selection.selectionSet);
        const name = selection.name.value;
        const known = counted.get(name) ?? count(fragments[name]?.selectionSet);
        counted.set(name, known);
        return sum + known;
      }, 0);
    const selected = fieldNodes.reduce((sum, { selectionSet }) => sum + count(selectionSet), 0);
    this.#selected.set(fieldNodes, selected);
    return selected;
  }

  /**
   * As JSON. For a list or an object, everything in it counts; it is no deeper than a target's
   * answer can be.
   */
  #sizeOf(value: unknown): Size {
    if (typeof value === 'string') return { fields: 1, bytes: value.length };
    if (typeof value !== 'object' || value === null) return { fields: 1, bytes: PLAIN_BYTES };
    const before = this.#sizes.get(value);
    if (before) return before;
    let fields = 0;
    let bytes = 0;
    for (const [name, member] of Object.entries(value)) {
      const size = this.#sizeOf(member);
      fields += size.fields;
      bytes += size.bytes + (Array.isArray(value) ? 1 : name.length + FIELD_BYTES);
    }
    const size = { fields: Math.max(1, fields), bytes: bytes + 2 };
    this.#sizes.set(value, size);
    return size;
  }
}

/** Objects of which fields are asked: one, or as many as are in a list of lists. */
function itemsIn(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + Math.max(1, itemsIn(item)), 0);
  return typeof value === 'object' && value !== null ? 1 : 0;
}
