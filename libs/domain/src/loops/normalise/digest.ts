// Domain room. A short digest of a text: 53 bits by two mixed lanes, deterministic everywhere, one pass. It keeps state
// small and tells texts apart that nobody forges; what must withstand forgery is hashed by an injected digest.
/** Held here, since a global is slow to reach from inside a sandbox, and this is reached for every letter. */
const { imul } = Math;
const PRIME_A = 2_654_435_761;
const PRIME_B = 1_597_334_677;

export function smallDigest(text: string): string {
  let a = 0xdead_beef;
  let b = 0x41c6_ce57;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    a = imul(a ^ unit, PRIME_A);
    b = imul(b ^ unit, PRIME_B);
  }
  a = imul(a ^ (a >>> 16), 2_246_822_507) ^ imul(b ^ (b >>> 13), 3_266_489_909);
  b = imul(b ^ (b >>> 16), 2_246_822_507) ^ imul(a ^ (a >>> 13), 3_266_489_909);
  return (4_294_967_296 * (2_097_151 & b) + (a >>> 0)).toString(36);
}
