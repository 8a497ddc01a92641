// What other processes want of resources that all of them keep going: while a new version is rolled out they want different things for a while.

/** `subject` names a resource, `definition` stands for all that decides what is kept of it. */
export interface Wishes {
  /** This process wants that from now on; undefined: nothing of it any more. Resolves once the others can know. */
  want(subject: string, definition: string | undefined): Promise<void>;
  /** Whether some other process that is alive wants this. */
  isWanted(subject: string, definition: string): Promise<boolean>;
  /** Whether none that is alive wants anything else. */
  isAgreed(subject: string, definition: string): Promise<boolean>;
}
