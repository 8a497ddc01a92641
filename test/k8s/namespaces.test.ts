// No field of any kind can name something in another namespace, and nothing that
// is made of a Function does.
import assert from 'node:assert/strict';
import * as z from 'zod';
import { deploymentProvider } from '../../k8s/providers/deployment/provider.ts';
import { knativeProvider } from '../../k8s/providers/knative/provider.ts';
import { deployedOf } from '../../k8s/providers/openfaas/deployed.ts';
import { listenerSecretOf, ownNameOf } from '../../k8s/providers/openfaas/names.ts';
import { type Marks, marksOf } from '../../resources/kinds/fields/marks.ts';
import { kinds } from '../../resources/kinds/index.ts';
import { type Kind, kindNames } from '../../resources/kinds/kind-names.ts';
import { alternatives } from '../../resources/load/schema-path.ts';
import { context, functionOf, owner, variants } from './providers/deployment/functions.ts';

interface Field {
  readonly path: string;
  readonly schema: z.core.$ZodType;
  readonly marks: Marks;
}

/** Every field that a spec can have, however deep; what is within itself is walked once. */
function fieldsOf(kind: Kind): Field[] {
  const found: Field[] = [];
  const seen = new Set<z.core.$ZodType>();
  const walk = (schema: z.core.$ZodType, path: string) => {
    found.push({ path, schema, marks: marksOf(schema) });
    if (seen.has(schema)) return;
    seen.add(schema);
    for (const one of alternatives(schema)) {
      if (one !== schema) walk(one, path);
      const def = one._zod.def as unknown as {
        type: string;
        shape?: Record<string, z.core.$ZodType>;
        element?: z.core.$ZodType;
        valueType?: z.core.$ZodType;
      };
      for (const [name, inner] of Object.entries(def.shape ?? {})) walk(inner, `${path}.${name}`);
      if (def.element) walk(def.element, `${path}[]`);
      if (def.valueType) walk(def.valueType, `${path}.*`);
    }
  };
  walk(kinds[kind].spec, kind);
  return found;
}

describe('Namespaces', () => {
  const all = kindNames.flatMap(fieldsOf);
  const references = all.filter(({ marks }) => marks.reference !== undefined || marks.external !== undefined);

  it('are looked into where references are: of resources, Secrets, ConfigMaps and ServiceAccounts', () => {
    const kindsOf = new Set(references.map(({ marks }) => marks.reference ?? marks.external));
    for (const kind of ['Function', 'Topic', 'Queue', 'View', 'Aggregate', 'Secret', 'ConfigMap', 'ServiceAccount'])
      assert.ok(kindsOf.has(kind as Kind), kind);
    for (const path of [
      'Subscription.topic',
      'Function.env[].valueFrom.secretKeyRef.name',
      'Function.imagePullSecrets[]',
    ])
      assert.ok(
        references.some(one => one.path === path),
        `${path} is not among ${references.length}`,
      );
  });

  it('are a field of no kind', () => {
    assert.deepEqual(
      all.filter(({ path }) => /namespace[^.]*$/i.test(path)).map(({ path }) => path),
      [],
    );
  });

  it('cannot be part of a reference', () => {
    const taken = references.flatMap(({ path, schema }) =>
      ['other/name', 'other:name', '../name', 'name@other', 'other%2Fname', 'name?namespace=other']
        .filter(text => z.safeParse(schema, text).success)
        .map(text => `${path}: ${text}`),
    );
    assert.deepEqual(taken, []);
  });

  for (const [name, spec] of Object.entries(variants)) {
    for (const provider of [deploymentProvider, knativeProvider]) {
      it(`are those of the Function alone in all that ${provider.name} makes of one with ${name}`, () => {
        for (const object of provider.wanted(functionOf(spec, 'menu', 'shop'), context)) {
          assert.equal(object.metadata.namespace, 'shop');
          const { metadata, ...rest } = object;
          const named = [...JSON.stringify(rest).matchAll(/"namespace":"([^"]*)"/g)].map(([, namespace]) => namespace);
          assert.deepEqual(named, []);
        }
      });
    }
  }

  // One namespace of OpenFaaS has the functions of all of ours.
  describe('in OpenFaaS', () => {
    const listenerKey = {
      url: 'http://internal:8081',
      name: listenerSecretOf({ name: 'menu', namespace: 'shop' }),
      key: 'k',
    };
    const made = (spec: object) =>
      deployedOf(functionOf({ image: 'menu:1', ...spec }, 'menu', 'shop'), {
        owner,
        community: true,
        listenerKey,
        podLabels: {},
        at: '',
      });
    const theirs = [listenerSecretOf({ name: 'till', namespace: 'billing' }), 'billing.database', 'basic-auth', 'shop'];

    for (const [name, spec] of Object.entries(variants)) {
      it(`are those of the Function alone in all that is made of one with ${name}`, () => {
        for (const secret of made(spec)['secrets'] as string[])
          assert.ok(secret.startsWith('shop.') || secret === listenerKey.name, secret);
      });
    }
    for (const theirName of theirs) {
      it(`are not left by naming ${theirName}`, () => {
        const env = [{ name: 'KEY', valueFrom: { secretKeyRef: { name: theirName, key: 'key' } } }];
        const asSecret = { env, imagePullSecrets: [theirName] };
        assert.deepEqual(made(asSecret)['secrets'], [`shop.${theirName}`, listenerKey.name]);
        const { annotations } = made({ serviceAccount: theirName });
        assert.equal(annotations['com.openfaas.serviceaccount'], `shop.${theirName}`);
      });
    }
    it('cannot be what another namespace begins with', () => {
      assert.ok(![...theirs, 'b.c', 'b-c'].some(name => ownNameOf('a', name) === ownNameOf('a-b', name)));
      assert.notEqual(ownNameOf('a', 'b.c'), ownNameOf('a-b', 'c'));
    });
  });
});
