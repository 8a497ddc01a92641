// The files that are made of each original, and their places.

export interface Task {
  /** Name of the object that was uploaded, such as `uploads/harbour.jpg`. */
  readonly asset: string;
  readonly task: string;
}

export interface Rendition {
  readonly task: string;
  readonly object: string;
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
}

/** Longest side, pixels. */
export const sizes: Readonly<Record<string, number>> = { thumbnail: 160, screen: 1280, print: 3000 };

export function renditionOf(asset: string, task: string): string {
  return `${asset.replace(/^uploads\//, 'renditions/').replace(/\.[a-z]+$/, '')}/${task}.webp`;
}

/** The place for a sound copy of an original that was broken. */
export function repairedOf(asset: string): string {
  return asset.replace(/^uploads\//, 'repaired/');
}
