// Providers room, tools. Skeleton.
export function describeTools(): string {
  throw new Error('not yet');
}
