// The compiled package: tsx's transform of the sources costs a tenth to a half in hot loops, and users run the package.

/** A module of dist/, with the types of its source. */
export async function compiled<T>(path: string): Promise<T> {
  return (await import(new URL(`../../dist/${path}`, import.meta.url).href)) as T;
}

export const library = await compiled<typeof import("../../src/index.js")>("index.js");
