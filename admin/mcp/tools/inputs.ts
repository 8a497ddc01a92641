// The members that inputs of several tools have.
import * as z from 'zod';

/** Names and ids: a longer one is none. */
export const name = z.string().min(1).max(253);
export const text = z.string().min(1).max(4096);
export const part = z.int().min(1).max(10_000).optional();
export const limit = z.int().min(1).max(1000).optional();
export const after = z.string().max(4096).optional();

/** So many items of a list, where nobody says how many: they fit into one answer. */
export const FEW = 20;
