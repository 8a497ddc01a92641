// Finds the fields that a question names, and refuses those that cannot be asked so.
import { invalidSearch } from '../invalid.ts';
import type { Scalar } from '../query.ts';
import { toComparable } from './document.ts';
import type { IndexPlan, TextField, ValueField } from './plan.ts';

/** All of them when no names are given. */
export function textFields(plan: IndexPlan, names: readonly string[] | undefined): readonly TextField[] {
  return names === undefined ? plan.texts : names.map(name => textField(plan, name));
}

export function textField(plan: IndexPlan, name: string): TextField {
  const field = plan.texts.find(field => field.name === name);
  if (!field) throw invalidSearch(`The index has no text field '${name}'.`);
  return field;
}

export function valueField(plan: IndexPlan, name: string): ValueField {
  const field = plan.values.find(field => field.name === name);
  if (field) return field;
  const isText = plan.texts.some(text => text.name === name);
  throw invalidSearch(
    isText ? `'${name}' is text, which is searched and not compared.` : `The index has no field '${name}'.`,
  );
}

/** One whose values can be counted. */
export function facetField(plan: IndexPlan, name: string): ValueField {
  const field = valueField(plan, name);
  if (field.type !== 'geo' && field.type !== 'date') return field;
  throw invalidSearch(`'${name}' is a ${field.type}; facets count keywords, numbers and booleans.`);
}

/** The number that stands for a value of a number, date or boolean in a question. */
export function comparable({ name, type }: ValueField, value: Scalar): number {
  const number = toComparable(type, value);
  if (number === undefined) throw invalidSearch(`'${name}' is a ${type}; '${value}' cannot be compared with it.`);
  return number;
}
