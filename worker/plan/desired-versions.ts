// The versions that other processes desire of resources that all of them keep going. They differ
// for a while when a new version is rolled out.

/** `subject` names a resource, `definition` is a hash of all that decides its stored data. */
export interface DesiredVersions {
  /**
   * This process desires that definition from now on; undefined: none any more. Resolves once the
   * others can know.
   */
  want(subject: string, definition: string | undefined): Promise<void>;
  /** Whether another live process desires this definition. */
  isWanted(subject: string, definition: string): Promise<boolean>;
  /** Whether no live process desires any other definition. */
  isAgreed(subject: string, definition: string): Promise<boolean>;
}
