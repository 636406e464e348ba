// API room. The ETag of bytes that are named by their hash.

/** The hash inside an ETag; null where none or several were sent. */
export function taggedHash(known: string | undefined): string | null {
  return /^(?:W\/)?"([0-9a-f]{64})"$/.exec(known?.trim() ?? '')?.[1] ?? null;
}
