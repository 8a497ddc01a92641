// What a check between resources is given, and what it answers with.

import { formatPath } from '../load/path.ts';
import type { AnyResource, Path, ResourceProblem } from '../resource.ts';
import type { ResourceSet } from '../resource-set.ts';
import type { MarkedValue } from './marked-values.ts';

export interface CheckContext {
  readonly resources: ResourceSet;
  /** Every reference, expression, JSON Schema and address of every resource. */
  readonly marked: readonly MarkedValue[];
  /** Keys of resources that are declared but not valid. */
  readonly broken: ReadonlySet<string>;
  /** Files that are there, in the folder of a path; undefined when there is no such folder. */
  readonly filesBeside: (path: string) => readonly string[] | undefined;
}

export type Check = (context: CheckContext) => ResourceProblem[];

export interface Finding {
  readonly severity?: ResourceProblem['severity'];
  readonly part?: 'key' | 'value';
  /** Characters into the text at the path. */
  readonly offset?: number;
  readonly message: string;
  readonly expected?: string | undefined;
  readonly suggestion?: string | undefined;
}

export function problemAt(resource: AnyResource, path: Path, finding: Finding): ResourceProblem {
  const { severity = 'error', part, offset, message, expected, suggestion } = finding;
  return {
    severity,
    ...resource.locate(path, part, offset),
    path: formatPath(path),
    message,
    ...(expected === undefined ? {} : { expected }),
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}
