// Refusals of a cluster, at the place in the file that they are about.

import { isConflict } from '../../k8s/api/kube-error.ts';
import type { Refused } from '../../k8s/apply/apply-application.ts';
import { problemAt } from '../../resources/references/check.ts';
import type { Path, ResourceProblem } from '../../resources/resource.ts';

export function toProblem({ declared, error }: Refused): ResourceProblem {
  const { message } = error;
  const hint = isConflict(error) ? ' Take it over with --force-conflicts, or leave it out of the file.' : '';
  return problemAt(declared.resource, pathIn(message), { message: message.replace(/\.?$/, '.') + hint });
}

/**
 * The first field that an API server names, such as `spec.routes[0].to`; the document
 * itself when it names none.
 */
function pathIn(message: string): Path {
  const [, text] = /(?:^|[\s"'.])(spec(?:\.[A-Za-z][\w-]*|\[\d+\])+)/.exec(message) ?? [];
  if (text === undefined) return [];
  return [...text.matchAll(/([A-Za-z][\w-]*)|\[(\d+)\]/g)].map(([, name, index]) =>
    index === undefined ? (name ?? '') : Number(index),
  );
}
