// Measures a query before anything is called: how deep it is, how many aliases it has, how
// much it may cost at most.
import type {
  DocumentNode,
  FieldNode,
  GraphQLNamedType,
  GraphQLSchema,
  OperationDefinitionNode,
  SelectionSetNode,
  ValueNode,
} from 'graphql';
import type { Library } from './library.ts';

export interface Measures {
  readonly depth: number;
  /** Fields that may be resolved, lists counted by their size argument. */
  readonly cost: number;
}

/** Arguments that say how long a list may become. */
const SIZE_ARGUMENTS = new Set(['first', 'last', 'limit', 'size', 'count', 'take', 'pageSize', 'perPage']);
/** The length that a list counts as when the query does not bound it. */
const ASSUMED_SIZE = 10;

/**
 * Aliases as written, fragments once. Cheap, so that it can be asked before the query is validated.
 */
export function countAliases(document: DocumentNode): number {
  let aliases = 0;
  const count = (set: SelectionSetNode | undefined): void => {
    for (const selection of set?.selections ?? []) {
      if (selection.kind === 'Field' && selection.alias) aliases++;
      if (selection.kind !== 'FragmentSpread') count(selection.selectionSet);
    }
  };
  for (const definition of document.definitions) if ('selectionSet' in definition) count(definition.selectionSet);
  return aliases;
}

/** The query is valid: fragments lead in no circle, and every field exists. */
export function measure(
  library: Library,
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): Measures {
  const fragments = new Map(
    document.definitions.flatMap(each =>
      each.kind === 'FragmentDefinition' ? [[each.name.value, each] as const] : [],
    ),
  );
  // A fragment that is used a thousand times is measured once, or its parts
  // would add up to 2^n steps.
  const known = new Map<string, Measures>();

  /** `sized`: the field around these already said how long its lists may become. */
  const measureSet = (set: SelectionSetNode, parent: GraphQLNamedType | undefined, sized: boolean): Measures => {
    let depth = 0;
    let cost = 0;
    for (const selection of set.selections) {
      const one = measureSelection(selection, parent, sized);
      depth = Math.max(depth, one.depth);
      cost += one.cost;
    }
    return { depth, cost };
  };

  const measureSelection = (
    selection: SelectionSetNode['selections'][number],
    parent: GraphQLNamedType | undefined,
    sized: boolean,
  ): Measures => {
    if (selection.kind === 'Field') return measureField(selection, parent, sized);
    if (selection.kind === 'InlineFragment') {
      const condition = selection.typeCondition?.name.value;
      return measureSet(selection.selectionSet, condition === undefined ? parent : schema.getType(condition), sized);
    }
    const key = `${sized} ${selection.name.value}`;
    const before = known.get(key);
    if (before) return before;
    const fragment = fragments.get(selection.name.value);
    if (!fragment) return { depth: 0, cost: 0 };
    const measured = measureSet(fragment.selectionSet, schema.getType(fragment.typeCondition.name.value), sized);
    known.set(key, measured);
    return measured;
  };

  const measureField = (field: FieldNode, parent: GraphQLNamedType | undefined, sized: boolean): Measures => {
    const fields = library.isObjectType(parent) || library.isInterfaceType(parent) ? parent.getFields() : undefined;
    const type = fields?.[field.name.value]?.type;
    const given = sizeOf(field, variables);
    const isList = type !== undefined && library.isListType(library.getNullableType(type));
    const size = given ?? (isList && !sized ? ASSUMED_SIZE : 1);
    if (!field.selectionSet) return { depth: 1, cost: 1 };
    const inner = measureSet(
      field.selectionSet,
      type === undefined ? undefined : library.getNamedType(type),
      given !== undefined && !isList,
    );
    return { depth: 1 + inner.depth, cost: 1 + size * inner.cost };
  };

  return measureSet(operation.selectionSet, schema.getRootType(operation.operation) ?? undefined, false);
}

/**
 * The greatest that is named, also within an input object. A limit below 1 does not count: many
 * services read 0 as no limit.
 */
function sizeOf(field: FieldNode, variables: Readonly<Record<string, unknown>>): number | undefined {
  const sizes = (field.arguments ?? []).flatMap(({ name, value }) => sizesIn(name.value, value, variables));
  return sizes.length === 0 ? undefined : Math.max(...sizes);
}

function sizesIn(name: string, value: ValueNode, variables: Readonly<Record<string, unknown>>): readonly number[] {
  switch (value.kind) {
    case 'Variable':
      return sizesInValue(name, variables[value.name.value]);
    case 'ObjectValue':
      return value.fields.flatMap(each => sizesIn(each.name.value, each.value, variables));
    case 'ListValue':
      return value.values.flatMap(each => sizesIn('', each, variables));
    case 'IntValue':
    case 'FloatValue':
    case 'StringValue':
      return sizesInValue(name, Number(value.value));
    default:
      return [];
  }
}

/**
 * `value`: of a variable, which may be anything. It is no deeper than the
 * body that it came in may be.
 */
function sizesInValue(name: string, value: unknown): readonly number[] {
  if (typeof value === 'number') return SIZE_ARGUMENTS.has(name) && value >= 1 ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([member, each]) => sizesInValue(member, each));
}
