// Brings what changed in an application's files into a cluster, round by round, and nothing else.
import { type Applied, applyApplication, deleteOthers, type Refused } from '../../k8s/apply/apply-application.ts';
import { type DeclaredObject, declare } from '../../k8s/apply/declare.ts';
import type { Writer } from '../../k8s/apply/writer.ts';
import type { ResourceProblem } from '../../resources/resource.ts';
import { isError, type Prepared } from '../apply/prepare.ts';
import { toProblem } from '../apply/refusals.ts';

export interface Round {
  readonly applied: readonly Applied[];
  /** Problems of the files, and objects that the cluster did not take. */
  readonly problems: readonly ResourceProblem[];
}

export interface Deployer {
  /** The functions that are applied by now. */
  readonly functions: ReadonlySet<string>;
  deploy(prepared: Prepared, writer: Writer): Promise<Round>;
}

/**
 * Deletes only objects that it applied itself before: a folder that is not complete yet takes
 * nothing down by mistake.
 */
export function createDeployer(namespace: string, application: string): Deployer {
  const before = new Map<string, string>();
  const functions = new Set<string>();
  return {
    functions,
    async deploy(prepared, writer) {
      if (prepared.problems.some(isError)) return { applied: [], problems: prepared.problems };
      const bundleOf = (resource: DeclaredObject['resource']) => prepared.bundles.get(resource);
      const { declared, problems } = declare(prepared.resources, { namespace, application, bundleOf });
      if (problems.some(isError)) return { applied: [], problems };
      const now = new Map(declared.map(one => [keyOf(one), JSON.stringify(one.object)]));
      const changed = declared.filter(one => before.get(keyOf(one)) !== now.get(keyOf(one)));
      const { applied, refused } = await applyApplication(changed, {
        writer,
        application,
        prune: undefined,
        done() {},
      });
      for (const { kind, namespace: inside, name } of applied) {
        const key = `${kind}/${inside}/${name}`;
        before.set(key, now.get(key) ?? '');
      }
      const gone = [...before.keys()].filter(key => !now.has(key));
      const deleted = gone.length === 0 ? [] : await removeGone(writer, application, gone);
      for (const key of gone) before.delete(key);
      functions.clear();
      for (const { resource } of declared) if (resource.kind === 'Function') functions.add(resource.metadata.name);
      return { applied: [...applied, ...deleted], problems: [...prepared.problems, ...refused.map(toRefusal)] };
    },
  };
}

async function removeGone(writer: Writer, application: string, gone: readonly string[]): Promise<readonly Applied[]> {
  const namespaces = new Set(gone.map(key => key.split('/')[1] ?? 'default'));
  return await deleteOthers(writer, application, [...namespaces], key => !gone.includes(key));
}

function toRefusal(refused: Refused): ResourceProblem {
  return toProblem(refused);
}

function keyOf({ resource, object }: DeclaredObject): string {
  return `${resource.kind}/${object.metadata.namespace ?? 'default'}/${object.metadata.name}`;
}
