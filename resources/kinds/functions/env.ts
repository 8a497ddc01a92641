// Settings given to a function: literal values, or references to Secrets and ConfigMaps; never
// secret values themselves.
import * as z from 'zod';
import { listByName } from '../fields/list-by-name.ts';
import { externalReference, headerName } from '../fields/names.ts';
import { exactlyOneOf, withRule } from '../fields/rules.ts';

const VARIABLE_WRONG = 'The name of a variable has letters, digits and "_", and does not begin with a digit.';
/** The variables that the platform, or Knative, sets for every function. */
const RESERVED = ['PORT', 'K_SERVICE', 'K_CONFIGURATION', 'K_REVISION'];
const KEY_WRONG = 'A key has letters, digits, "-", "_" and ".".';

function keyOf(kind: 'Secret' | 'ConfigMap') {
  return z.strictObject({
    name: externalReference(kind).describe(`Name of the ${kind} in the same namespace.`),
    key: z
      .string(KEY_WRONG)
      .min(1, KEY_WRONG)
      .max(253, KEY_WRONG)
      .regex(/^[-._a-zA-Z0-9]+$/, KEY_WRONG)
      .describe('Key in it.'),
    optional: z
      .boolean()
      .prefault(false)
      .describe(
        'true: the setting is left out when the object or the key is missing. false: the function does not start.',
      ),
  });
}

function valueFrom() {
  return exactlyOneOf(
    z.strictObject({
      secretKeyRef: keyOf('Secret').optional().describe('The value is a key of a Secret.'),
      configMapKeyRef: keyOf('ConfigMap').optional().describe('The value is a key of a ConfigMap.'),
    }),
    ['secretKeyRef', 'configMapKeyRef'],
  );
}

const valueFields = {
  value: z
    .string('This must be text; put a number or true and false in quotes.')
    .max(32_768)
    .optional()
    .describe('The value, literally.'),
  valueFrom: valueFrom().optional().describe('The source of the value.'),
};

function list<S extends z.ZodType<{ readonly name: string }>>(item: S) {
  return listByName(item, name => `"${name}" is set twice. Remove one of them.`);
}

/** Environment variables, as a pod writes them. */
export function environment() {
  const name = z
    .string(VARIABLE_WRONG)
    .min(1, VARIABLE_WRONG)
    .max(253, VARIABLE_WRONG)
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, VARIABLE_WRONG);
  const variable = withRule(z.strictObject({ name: name.describe('Name of the variable.'), ...valueFields }), {
    message: `${RESERVED.join(', ')} and all that begins with TENFOLD_ are set by the platform; take another name.`,
    cel: `!(self.name in [${RESERVED.map(each => `'${each}'`).join(', ')}]) && !self.name.startsWith('TENFOLD_')`,
    holds: ({ name: given }) => !RESERVED.includes(given) && !given.startsWith('TENFOLD_'),
    at: 'name',
  });
  return list(exactlyOneOf(variable, ['value', 'valueFrom']));
}

/** Headers, written in the same way as environment variables. */
export function headerSettings() {
  return list(
    exactlyOneOf(
      z.strictObject({ name: headerName().describe('Name of the header, in lower case.'), ...valueFields }),
      ['value', 'valueFrom'],
    ),
  );
}
