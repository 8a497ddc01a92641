// CRDs hold to what the API server demands of a structural schema, and stay
// within its budget for rules.
import assert from 'node:assert/strict';
import { parse } from 'yaml';
import { crd, crdFile } from '../../../resources/generate/crd.ts';
import { fieldsOf } from '../../../resources/generate/fields.ts';
import { toNode } from '../../../resources/generate/schema-node.ts';
import { type Structural, toStructural } from '../../../resources/generate/structural.ts';
import { kinds } from '../../../resources/kinds/index.ts';
import { kindNames } from '../../../resources/kinds/kind-names.ts';

// biome-ignore lint/suspicious/noExplicitAny: schemas are walked whatever they hold
type Json = any;

/** Words that a structural schema may not hold anywhere. */
const FORBIDDEN = [
  '$ref',
  '$defs',
  'definitions',
  'const',
  'propertyNames',
  'patternProperties',
  'uniqueItems',
  'marks',
  'default',
  'anyOf',
  'allOf',
  'if',
  'then',
  'else',
  'dependencies',
  'additionalItems',
];
/** Words that may not stand inside oneOf. */
const FORBIDDEN_IN_BRANCHES = [
  'type',
  'description',
  'nullable',
  'additionalProperties',
  'x-kubernetes-validations',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-int-or-string',
];

describe('CRDs', () => {
  for (const kind of kindNames) {
    const definition: Json = crd(kind);
    const version = definition.spec.versions[0];
    const root = version.schema.openAPIV3Schema;

    describe(kind, () => {
      it('is structural: every field has a type, or says why it has none', () => {
        walk(root, 'schema', (node, path) => {
          const open = node['x-kubernetes-int-or-string'] || node['x-kubernetes-preserve-unknown-fields'];
          assert.ok(typeof node.type === 'string' || open, `${path} has no type`);
          if (node.properties && node.additionalProperties) assert.fail(`${path} has named and free members`);
          if (node.type === 'array') assert.ok(node.items, `${path} has no items`);
        });
      });

      it('holds no word that the API server refuses', () => {
        walk(root, 'schema', (node, path) => {
          for (const word of FORBIDDEN) assert.ok(!(word in node), `${path} holds ${word}`);
          assert.notEqual(node.additionalProperties, false, path);
          assert.notEqual(typeof node.exclusiveMinimum, 'number', path);
          for (const branch of node.oneOf ?? []) {
            for (const word of FORBIDDEN_IN_BRANCHES) assert.ok(!(word in branch), `${path} holds ${word} in oneOf`);
          }
        });
      });

      it('bounds every list, map and text, so that the cost of rules and of storage is bounded', () => {
        walk(root.properties.spec, 'spec', (node, path) => {
          if (node.type === 'array') assert.ok(node.maxItems > 0, `${path} has no maxItems`);
          if (node.additionalProperties) assert.ok(node.maxProperties > 0, `${path} has no maxProperties`);
          if (node.type === 'string') assert.ok(node.maxLength > 0 || node.enum, `${path} has no maxLength`);
        });
      });

      it('describes every field, for kubectl explain', () => {
        walk(root.properties.spec, 'spec', (node, path) => {
          if (!/(\[\]|\.\*)$/.test(path)) assert.ok(node.description?.length > 0, `${path} has no description`);
        });
      });

      it('has every field of the kind', () => {
        const known = new Set<string>();
        walk(root.properties.spec, 'spec', (_, path) => known.add(path));
        const missing = fieldsOf(toNode(kinds[kind].spec), 'spec').filter(({ path }) => !known.has(path));
        assert.deepEqual(
          missing.map(({ path }) => path),
          [],
        );
      });

      it('has conditions that merge by type, the observed generation, and a status subresource', () => {
        const { conditions, observedGeneration } = root.properties.status.properties;
        assert.deepEqual(conditions['x-kubernetes-list-map-keys'], ['type']);
        assert.equal(observedGeneration.type, 'integer');
        assert.deepEqual(version.subresources.status, {});
      });

      it('shows columns that its status has', () => {
        for (const { name, jsonPath } of version.additionalPrinterColumns) {
          const steps = jsonPath
            .replace(/\[.*?\]/g, '[]')
            .split('.')
            .slice(1);
          if (steps[0] === 'metadata') continue;
          const found = steps.reduce((node: Json, step: string) => {
            const member = node?.properties?.[step.replace('[]', '')];
            return step.endsWith('[]') ? member?.items : member;
          }, root);
          assert.ok(found, `${name} shows ${jsonPath}`);
        }
      });

      it('reads back from its file as it is', () => {
        assert.deepEqual(parse(crdFile(kind)), JSON.parse(JSON.stringify(definition)));
      });
    });
  }

  it('let a Function be scaled', () => {
    const definition: Json = crd('Function');
    assert.equal(definition.spec.versions[0].subresources.scale.specReplicasPath, '.spec.scale.replicas');
  });

  it('escape words of CEL in rules', () => {
    const { 'x-kubernetes-validations': rules } = toStructural({
      type: 'object',
      properties: { function: { type: 'string' }, 'a-b': { type: 'string' } },
      marks: { exactlyOneOf: ['function', 'a-b'] },
    }) as Json;
    assert.equal(rules[0].rule, '[has(self.__function__), has(self.a__dash__b)].filter(given, given).size() == 1');
    assert.equal(rules[0].message, 'exactly one of function, a-b must be given');
  });

  it('refuse to be made where a rule would be lost', () => {
    const inner = { type: 'object', description: 'Here.', marks: { rules: [{ cel: 'true', message: '' }] } };
    const node = { anyOf: [{ type: 'string' }, { type: 'array', items: inner }] };
    assert.throws(() => toStructural(node), /cannot check it: Here/);
  });

  it('refuse to be made where unknown members would be kept', () => {
    const object = {
      type: 'object',
      description: 'Here.',
      properties: { a: { type: 'string' }, b: { type: 'string' } },
    };
    assert.throws(
      () => toStructural({ anyOf: [{ type: 'string' }, { ...object, required: ['a'] }] }),
      /unknown ones: Here/,
    );
  });

  it('refuse to be made of a field whose type is unknown', () => {
    assert.throws(() => toStructural({ description: 'Here.' }), /no CRD can express: Here/);
  });
});

function walk(node: Json, path: string, visit: (node: Json, path: string) => void): void {
  visit(node, path);
  const properties: [string, Structural][] = Object.entries(node.properties ?? {});
  for (const [name, member] of properties) walk(member, `${path}.${name}`, visit);
  if (node.items) walk(node.items, `${path}[]`, visit);
  if (node.additionalProperties) walk(node.additionalProperties, `${path}.*`, visit);
}
