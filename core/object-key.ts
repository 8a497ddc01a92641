// Keys of applications' objects in the blob store: below their namespace, apart from the platform's
// own objects.

export const OBJECTS = 'objects/';

/** `name`: as the application knows it, such as `uploads/cat.jpg`. */
export function objectKeyOf(namespace: string, name: string): string {
  return `${OBJECTS}${namespace}/${name}`;
}

/** The application's name of an object; undefined for an object of another namespace. */
export function objectNameOf(namespace: string, key: string): string | undefined {
  const prefix = objectKeyOf(namespace, '');
  return key.startsWith(prefix) ? key.slice(prefix.length) : undefined;
}
