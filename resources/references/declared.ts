// The resources that references are checked against.
import type { AnyResource, Draft } from '../resource.ts';

/** A resource as it was written, whether it is valid or not. */
export type Declared = AnyResource | Draft;
