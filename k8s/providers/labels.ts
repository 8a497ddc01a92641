// Labels and annotations by which the objects and pods of a Function are found.

export const MANAGER = 'tenfold-operator';
/** On pods of a Deployment, and on ConfigMaps with code: the Function that they are for. */
export const FUNCTION_LABEL = 'tenfold.dev/function';
/** An annotation of pods: the version of the template that they were made from. */
export const VERSION = 'tenfold.dev/version';
/** An annotation: the fields that were wanted last, as a hash. Pods in OpenFaaS have it, too. */
export const APPLIED = 'tenfold.dev/applied';
/** The owner of an object that others make for a Function, such as Knative's Revisions. */
export const FOR_UID = 'tenfold.dev/for-uid';
export const FOR_NAME = 'tenfold.dev/for-name';
