// The input of a check between resources, and its answer.

import { formatPath } from '../load/path.ts';
import type { Listeners } from '../ownership/listeners.ts';
import type { AnyResource, Path, ResourceProblem } from '../resource.ts';
import type { ResourceSet } from '../resource-set.ts';
import type { Declared } from './declared.ts';
import type { MarkedValue } from './marked-values.ts';

export interface CheckContext {
  readonly resources: ResourceSet;
  /** All resources, and those with mistakes of their own. */
  readonly declared: readonly Declared[];
  /**
   * Every reference, expression, JSON Schema and address of all of them, except those that
   * are mistaken by themselves.
   */
  readonly marked: readonly MarkedValue[];
  /** Keys of resources that are declared but not valid. */
  readonly broken: ReadonlySet<string>;
  /** Whether it is decided already which routes are for which namespace. */
  readonly routesSettled: boolean;
  /** Which namespaces' routes meet at all. */
  readonly listeners: Listeners;
  /** Files that are there, in the folder of a path; undefined when there is no such folder. */
  readonly filesBeside: (path: string) => readonly string[] | undefined;
}

export type Check = (context: CheckContext) => ResourceProblem[];

export interface ProblemDetails {
  readonly severity?: ResourceProblem['severity'];
  readonly part?: 'key' | 'value';
  /** Characters into the text at the path. */
  readonly offset?: number;
  readonly message: string;
  readonly expected?: string | undefined;
  readonly suggestion?: string | undefined;
}

export function problemAt(resource: Pick<AnyResource, 'locate'>, path: Path, details: ProblemDetails): ResourceProblem {
  const { severity = 'error', part, offset, message, expected, suggestion } = details;
  return {
    severity,
    ...resource.locate(path, part, offset),
    path: formatPath(path),
    message,
    ...(expected === undefined ? {} : { expected }),
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}
