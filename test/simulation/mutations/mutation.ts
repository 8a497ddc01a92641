// A change to the product that breaks a promise: which text in which file becomes which.

export interface Edit {
  readonly file: string;
  /** Must stand in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}

export interface Mutation {
  readonly name: string;
  readonly why: string;
  readonly edits: readonly Edit[];
}

export function one(name: string, why: string, file: string, find: string, replace: string): Mutation {
  return { name, why, edits: [{ file, find, replace }] };
}
